import { DOCKER_MANIFEST, OCI_MANIFEST } from '../memory/mediatypes.js'
import { descriptor, json, layer, type Algorithm, type Content, type Layer } from './content.js'

/** A manifest with everything it needs, not yet in any registry. */
export interface Image extends Content {
  readonly mediaType: string
  readonly manifest: Readonly<Record<string, unknown>>
  /** Undefined for what has none: an index, an artifact manifest, schema 1. */
  readonly config?: Content
  readonly layers: readonly Layer[]
  readonly children: readonly Image[]
  readonly platform?: Platform
  /** Goes into the descriptor that an index has of it. */
  readonly descriptorAnnotations?: Readonly<Record<string, string>>
}

export interface Platform {
  readonly os: string
  readonly architecture: string
}

export interface Common {
  /** What this one refers to: a signature, an SBOM. */
  readonly subject?: Content & { readonly mediaType: string }
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface ImageOptions extends Common {
  /**
   * A seed or the layer itself for each: layers of equal seeds are one and the same, and one may be listed twice. Two
   * of the image's own by default.
   */
  readonly layers?: readonly (string | Layer)[]
  /** The bytes of each layer that a seed makes: at least so many. */
  readonly layerSize?: number
  /** By which digest the manifest names its config and the layers that seeds make. */
  readonly algorithm?: Algorithm
  /** The config's `created`; null leaves it out. */
  readonly created?: string | null
  readonly platform?: Platform
  /** Something that must never be printed: it stands in the config's environment. */
  readonly secret?: string
}

/** The media types of a manifest and of what it lists. */
export interface Family {
  readonly manifest: string
  readonly config: string
  readonly layer: string
  readonly foreign: string
}

const DOCKER: Family = {
  manifest: DOCKER_MANIFEST,
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  foreign: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
}
export const OCI: Family = {
  manifest: OCI_MANIFEST,
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  foreign: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
}

export const dockerImage = (seed: string, options: ImageOptions = {}): Image => image(DOCKER, seed, options)
export const ociImage = (seed: string, options: ImageOptions = {}): Image => image(OCI, seed, options)

/** The layers of an image: those given, or two of its own. */
export const layersOf = (seed: string, { layers, layerSize, algorithm }: ImageOptions): Layer[] =>
  (layers ?? [`${seed}/1`, `${seed}/2`]).map((each) =>
    typeof each === 'string' ? layer(each, layerSize, algorithm) : each,
  )

function image(family: Family, seed: string, options: ImageOptions): Image {
  const platform = options.platform ?? { os: 'linux', architecture: 'amd64' }
  const layers = layersOf(seed, options)
  const { created = '2026-01-01T00:00:00Z', secret, algorithm } = options
  const parts = {
    ...(created === null ? {} : { created }),
    ...platform,
    config: { Env: [`SEED=${seed}`, ...(secret === undefined ? [] : [`SECRET=${secret}`])] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created_by: 'COPY' })),
  }
  return { ...withManifest(family, json(parts, algorithm), layers, options), platform }
}

/** A manifest with a config and layers. */
export function withManifest(
  family: Family,
  config: Content,
  layers: readonly Layer[],
  options: Common,
): Image {
  const { manifest: mediaType, layer: own, foreign } = family
  const manifest = {
    schemaVersion: 2,
    mediaType,
    ...(options.artifactType === undefined ? {} : { artifactType: options.artifactType }),
    config: descriptor(config, family.config),
    layers: layers.map((each) => descriptor(each, each.urls === undefined ? own : foreign)),
    ...tail(options),
  }
  return { ...json(manifest), mediaType, manifest, config, layers, children: [] }
}

/** What every kind of manifest may end with. */
export const tail = ({ subject, annotations }: Common): object => ({
  ...(subject === undefined ? {} : { subject: descriptor(subject, subject.mediaType) }),
  ...(annotations === undefined ? {} : { annotations }),
})
