import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from './memory/mediatypes.js'
import { digestOf, type MemoryStore } from './memory/store.js'

export interface Content {
  readonly digest: string
  readonly size: number
  readonly bytes: Buffer
}

/** A manifest with everything it needs, not yet in any registry. */
export interface Image extends Content {
  readonly mediaType: string
  readonly manifest: Readonly<Record<string, unknown>>
  /** Undefined for an index. */
  readonly config?: Content
  readonly layers: readonly Content[]
  readonly children: readonly Image[]
  readonly platform?: Platform
  /** Goes into the descriptor that an index has of it. */
  readonly descriptorAnnotations?: Readonly<Record<string, string>>
}

export interface Platform {
  readonly os: string
  readonly architecture: string
}

interface Common {
  /** What this one refers to: a signature, an SBOM. */
  readonly subject?: Content & { readonly mediaType: string }
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface ImageOptions extends Common {
  /** One seed a layer: layers of equal seeds are one and the same. Two of the image's own by default. */
  readonly layers?: readonly string[]
  /** The bytes of each layer: at least so many. */
  readonly layerSize?: number
  /** The config's `created`; null leaves it out. */
  readonly created?: string | null
  readonly platform?: Platform
  /** Something that must never be printed: it stands in the config's environment. */
  readonly secret?: string
}

export interface IndexOptions extends Common {
  /** `false`: the index does not name its own type, as many OCI indexes do not. */
  readonly mediaType?: false
}

const content = (bytes: Buffer): Content => ({ digest: digestOf(bytes), size: bytes.length, bytes })
const json = (value: object): Content => content(Buffer.from(JSON.stringify(value)))

/** The layer of a seed: the same bytes each time, and no others'. */
export function layer(seed: string, size = 0): Content {
  const text = `layer ${seed}\n`
  return content(Buffer.alloc(Math.max(size, text.length), text))
}

/** The config that artifacts share: deleting it breaks all of them. */
export const EMPTY_CONFIG = content(Buffer.from('{}'))

interface Family {
  readonly manifest: string
  readonly config: string
  readonly layer: string
}

const DOCKER: Family = {
  manifest: DOCKER_MANIFEST,
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
}
const OCI: Family = {
  manifest: OCI_MANIFEST,
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
}

export const dockerImage = (seed: string, options: ImageOptions = {}): Image => image(DOCKER, seed, options)
export const ociImage = (seed: string, options: ImageOptions = {}): Image => image(OCI, seed, options)

function image(family: Family, seed: string, options: ImageOptions): Image {
  const platform = options.platform ?? { os: 'linux', architecture: 'amd64' }
  const layers = (options.layers ?? [`${seed}/1`, `${seed}/2`]).map((name) => layer(name, options.layerSize))
  const { created = '2026-01-01T00:00:00Z', secret } = options
  const config = json({
    ...(created === null ? {} : { created }),
    ...platform,
    config: { Env: [`SEED=${seed}`, ...(secret === undefined ? [] : [`SECRET=${secret}`])] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created_by: 'COPY' })),
  })
  const types = layers.map(() => family.layer)
  const made = withManifest(family.manifest, [config, family.config], layers, types, options)
  return { ...made, platform }
}

/** What docker buildx adds to an index: a manifest of provenance for one of its images. */
export function attestation(seed: string, of: Content): Image {
  const statement = json({ _type: 'https://in-toto.io/Statement/v0.1', seed, subject: of.digest })
  const config = json({ architecture: 'unknown', os: 'unknown', config: {}, seed })
  const made = withManifest(
    OCI_MANIFEST,
    [config, OCI.config],
    [statement],
    ['application/vnd.in-toto+json'],
    {},
  )
  return {
    ...made,
    platform: { os: 'unknown', architecture: 'unknown' },
    descriptorAnnotations: {
      'vnd.docker.reference.digest': of.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
  }
}

export interface ArtifactOptions extends Common {
  /** The config; the well-known empty one by default. */
  readonly config?: Content
}

/** A signature, an SBOM, anything: an OCI manifest with one blob of its own. */
export function artifact(seed: string, options: ArtifactOptions = {}): Image {
  const { config = EMPTY_CONFIG, artifactType = 'application/vnd.example.sbom' } = options
  const data = json({ artifact: seed })
  const empty = 'application/vnd.oci.empty.v1+json'
  return withManifest(OCI_MANIFEST, [config, empty], [data], ['application/json'], {
    ...options,
    artifactType,
  })
}

function withManifest(
  mediaType: string,
  [config, configType]: readonly [Content, string],
  layers: readonly Content[],
  layerTypes: readonly string[],
  options: Common,
): Image {
  const manifest = {
    schemaVersion: 2,
    mediaType,
    ...(options.artifactType === undefined ? {} : { artifactType: options.artifactType }),
    config: descriptor(config, configType),
    layers: layers.map((entry, index) => descriptor(entry, layerTypes[index] ?? '')),
    ...tail(options),
  }
  return { ...json(manifest), mediaType, manifest, config, layers, children: [] }
}

export const dockerList = (children: readonly Image[], options: IndexOptions = {}): Image =>
  index(DOCKER_LIST, children, options)
export const ociIndex = (children: readonly Image[], options: IndexOptions = {}): Image =>
  index(OCI_INDEX, children, options)

function index(mediaType: string, children: readonly Image[], options: IndexOptions): Image {
  const manifest = {
    schemaVersion: 2,
    ...(options.mediaType === false ? {} : { mediaType }),
    ...(options.artifactType === undefined ? {} : { artifactType: options.artifactType }),
    manifests: children.map((child) => ({
      ...descriptor(child, child.mediaType),
      ...(child.platform === undefined ? {} : { platform: child.platform }),
      ...(child.manifest['artifactType'] === undefined
        ? {}
        : { artifactType: child.manifest['artifactType'] }),
      ...(child.descriptorAnnotations === undefined ? {} : { annotations: child.descriptorAnnotations }),
    })),
    ...tail(options),
  }
  return { ...json(manifest), mediaType, manifest, layers: [], children }
}

const descriptor = ({ digest, size }: Content, mediaType: string): object => ({ mediaType, digest, size })

const tail = ({ subject, annotations }: Common): object => ({
  ...(subject === undefined ? {} : { subject: descriptor(subject, subject.mediaType) }),
  ...(annotations === undefined ? {} : { annotations }),
})

/** The tag under which clients list the referrers of a digest where a registry has no referrers API. */
export const referrersTag = (digest: string): string => digest.replace(':', '-')

/** Puts an image with all it needs into a repository, children first, and points a tag at it. */
export function pushImage(store: MemoryStore, repo: string, pushed: Image, tag?: string): string {
  for (const child of pushed.children) pushImage(store, repo, child)
  for (const blob of blobsOfImage(pushed)) store.putBlob(repo, blob.bytes)
  return store.putManifest(repo, pushed.mediaType, pushed.bytes, tag)
}

const blobsOfImage = (of: Image): Content[] => [...(of.config === undefined ? [] : [of.config]), ...of.layers]

/** Every manifest of an image, itself first. */
export const manifestDigests = (of: Image): string[] => [of.digest, ...of.children.flatMap(manifestDigests)]

/** Every blob of an image and of its children, each once. */
export const blobDigests = (of: Image): string[] => [
  ...new Set([...blobsOfImage(of).map(({ digest }) => digest), ...of.children.flatMap(blobDigests)]),
]
