/** What a media type says about the content it names. */
export type Kind = 'image' | 'index' | 'artifact' | 'schema1' | 'blob' | 'unknown'

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
export const OCI_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'
const SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+json'
const SCHEMA1_SIGNED = 'application/vnd.docker.distribution.manifest.v1+prettyjws'

/**
 * Sent with every read of a manifest. Without the matching type a registry answers a false 404, or a converted manifest
 * with another digest. Schema 1 is left out on purpose: a registry that may answer with it converts.
 */
export const ACCEPT = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST, OCI_ARTIFACT, '*/*'].join(', ')

/** For a second look at what seems unknown: some registries hide whatever is not listed. */
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

/** Types that say nothing of a manifest's kind: what is left is its shape. */
const GENERIC: ReadonlySet<string> = new Set([
  '',
  'application/json',
  'application/octet-stream',
  'text/plain',
])

/**
 * Content that some builders list in an index although it is no manifest (build caches list their layers so). Such a
 * digest must not be sent to the manifests endpoint, where 2.8 would take it for a layer link.
 */
const BLOB =
  /^application\/vnd\.(?:oci\.image\.(?:layer|config)\.|docker\.image\.rootfs\.|docker\.container\.image\.|buildkit\.cacheconfig\.)/

/** @returns the media type of a Content-Type header, without parameters, in lower case; '' when there is none. */
export function essence(contentType: string | undefined): string {
  return (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** @returns the kind that a media type names. */
export function kindOf(mediaType: string): Kind {
  return (
    (Object.hasOwn(KINDS, mediaType) ? KINDS[mediaType] : undefined) ??
    (BLOB.test(mediaType) ? 'blob' : 'unknown')
  )
}

/** @returns whether a media type leaves the kind open. */
export function isGeneric(mediaType: string): boolean {
  return GENERIC.has(mediaType)
}
