import { descriptor, json } from './content.js'
import { tail } from './image.js'
import { DOCKER_LIST, OCI_INDEX } from './media-types.js'

/**
 * @typedef {import('./image.js').Image} Image
 *
 * @typedef {import('./image.js').Common & { readonly mediaType?: false }} IndexOptions
 * `mediaType: false` leaves out the index's own type, as many OCI indexes do.
 */

/**
 * A list of images for several platforms in Docker's format.
 * @param {readonly Image[]} children
 * @param {IndexOptions} [options]
 */
export function dockerList(children, options = {}) {
  return index(DOCKER_LIST, children, options)
}

/**
 * A list of images for several platforms in OCI's format. Children may be indexes themselves.
 * @param {readonly Image[]} children
 * @param {IndexOptions} [options]
 */
export function ociIndex(children, options = {}) {
  return index(OCI_INDEX, children, options)
}

/**
 * @param {string} mediaType
 * @param {readonly Image[]} children
 * @param {IndexOptions} options
 * @returns {Image}
 */
function index(mediaType, children, options) {
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

/**
 * The index that clients keep under `referrersTag` if a registry has no referrers API.
 * @param {readonly Image[]} of
 * @returns {Image}
 */
export function referrersIndex(of) {
  const manifest = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: of.map(referrerEntry) }
  return { ...json(manifest), mediaType: OCI_INDEX, manifest, layers: [], children: of }
}

/**
 * The entry of a referrer in a list of referrers. An image without `artifactType` has the type of its config.
 * @param {Image} referrer
 * @returns {import('./content.js').Descriptor & { readonly artifactType?: string }}
 */
export function referrerEntry(referrer) {
  const { config, artifactType, annotations } =
    /** @type {{ config?: { mediaType?: string }, artifactType?: string, annotations?: Record<string, string> }} */ (
      referrer.manifest
    )
  const type = artifactType ?? config?.mediaType
  return {
    ...descriptor(referrer, referrer.mediaType),
    ...(type === undefined ? {} : { artifactType: type }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

/**
 * The tag for the referrers of a manifest: `sha256-<hex>`. The hex part of a longer digest is cut to 64 digits.
 * @param {string} digest
 */
export function referrersTag(digest) {
  const [algorithm = '', hex = ''] = digest.split(':')
  return `${algorithm}-${hex.slice(0, 64)}`
}
