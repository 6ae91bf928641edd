/** The kind of content that a media type names. */
export type Kind = 'image' | 'index' | 'artifact' | 'schema1' | 'blob' | 'unknown'

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
export const OCI_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'
const SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+json'
const SCHEMA1_SIGNED = 'application/vnd.docker.distribution.manifest.v1+prettyjws'

/**
 * The Accept header of every manifest request. If it lacks the type of a manifest, a registry returns 404 although the
 * manifest exists, or converts the manifest, which changes its digest. Schema 1 is left out, because a registry may
 * convert to it.
 */
export const ACCEPT = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST, OCI_ARTIFACT, '*/*'].join(', ')

/** The Accept header for re-reading a manifest that the registry does not know: some registries hide unlisted types. */
export const WIDER_ACCEPT = [
  OCI_INDEX,
  DOCKER_LIST,
  OCI_MANIFEST,
  DOCKER_MANIFEST,
  OCI_ARTIFACT,
  SCHEMA1_SIGNED,
  SCHEMA1,
  '*/*',
].join(', ')

const KINDS: Readonly<Record<string, Kind>> = {
  [OCI_INDEX]: 'index',
  [DOCKER_LIST]: 'index',
  [OCI_MANIFEST]: 'image',
  [DOCKER_MANIFEST]: 'image',
  [OCI_ARTIFACT]: 'artifact',
  [SCHEMA1]: 'schema1',
  [SCHEMA1_SIGNED]: 'schema1',
}

/** Types that do not define the kind of a manifest. Its structure defines it instead. */
const GENERIC: ReadonlySet<string> = new Set([
  '',
  'application/json',
  'application/octet-stream',
  'text/plain',
])

/**
 * Types of blobs that some builders list in an index (build caches list their layers that way). Such a digest must not be
 * sent to the manifests endpoint: distribution 2.8 would treat it as a link to a layer.
 */
const BLOB =
  /^application\/vnd\.(?:oci\.image\.(?:layer|config)\.|docker\.image\.rootfs\.|docker\.container\.image\.|buildkit\.cacheconfig\.)/

/** @returns the media type of a Content-Type header in lower case, without parameters; '' if there is none */
export function essence(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** @returns the kind of a media type in lower case without parameters, as `essence` returns it */
export function kindOf(mediaType: string): Kind {
  return (
    (Object.hasOwn(KINDS, mediaType) ? KINDS[mediaType] : undefined) ??
    (BLOB.test(mediaType) ? 'blob' : 'unknown')
  )
}

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([
  '',
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
])

/** @returns whether this is the media type of an image's config, or may be: a descriptor without one counts */
export function isImageConfig(mediaType: string): boolean {
  return IMAGE_CONFIGS.has(mediaType)
}

/** @returns whether a media type does not define the kind */
export function isGeneric(mediaType: string): boolean {
  return GENERIC.has(mediaType)
}
