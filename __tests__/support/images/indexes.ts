import { DOCKER_LIST, OCI_INDEX } from '../memory/mediatypes.js'
import { descriptor, json } from './content.js'
import { tail, type Common, type Image } from './image.js'

export interface IndexOptions extends Common {
  /** `false`: the index does not name its own type, as many OCI indexes do not. */
  readonly mediaType?: false
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

/** The index that clients keep under `referrersTag` where a registry has no referrers API. */
export function referrersIndex(of: readonly Image[]): Image {
  const manifests = of.map((referrer) => {
    const { config, artifactType, annotations } = referrer.manifest
    const type = artifactType ?? (config as { mediaType?: string } | undefined)?.mediaType
    return {
      ...descriptor(referrer, referrer.mediaType),
      ...(type === undefined ? {} : { artifactType: type }),
      ...(annotations === undefined ? {} : { annotations }),
    }
  })
  const manifest = { schemaVersion: 2, mediaType: OCI_INDEX, manifests }
  return { ...json(manifest), mediaType: OCI_INDEX, manifest, layers: [], children: of }
}

/** `sha256-<hex>`; of a longer digest no more than a tag can hold. */
export const referrersTag = (digest: string): string => {
  const [algorithm = '', hex = ''] = digest.split(':')
  return `${algorithm}-${hex.slice(0, 64)}`
}
