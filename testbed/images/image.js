import { descriptor, json, layer } from './content.js'
import * as types from './media-types.js'

/**
 * @typedef {import('./content.js').Content} Content
 * @typedef {import('./content.js').Layer} Layer
 *
 * @typedef {Content & {
 *   readonly mediaType: string,
 *   readonly manifest: Readonly<Record<string, unknown>>,
 *   readonly config?: Content,
 *   readonly layers: readonly Layer[],
 *   readonly children: readonly Image[],
 *   readonly platform?: Platform,
 *   readonly descriptorAnnotations?: Readonly<Record<string, string>>,
 * }} Image
 * A manifest with everything it needs, not yet in any registry. An index, an artifact manifest and schema 1 have no
 * `config`. `descriptorAnnotations` go into the descriptor that an index has of it.
 *
 * @typedef {{ readonly os: string, readonly architecture: string, readonly variant?: string }} Platform
 *
 * @typedef {{
 *   readonly subject?: Content & { readonly mediaType: string },
 *   readonly artifactType?: string,
 *   readonly annotations?: Readonly<Record<string, string>>,
 * }} Common
 * The options of every kind of manifest. `subject` is the manifest that a signature or a bill of materials refers to.
 *
 * @typedef {Common & {
 *   readonly layers?: readonly (string | Layer)[],
 *   readonly layerSize?: number,
 *   readonly algorithm?: import('./content.js').Algorithm,
 *   readonly created?: string | null,
 *   readonly platform?: Platform,
 *   readonly secret?: string,
 * }} ImageOptions
 * `layers` are seeds or layers, by default two of the image's own: layers of equal seeds are the same, and one may be
 * listed twice. Those made from seeds have at least `layerSize` bytes. `algorithm` names them and the config.
 * `created` is the config's date; null leaves it out. `secret` must never be printed: it goes into the config's
 * environment.
 *
 * @typedef {{
 *   readonly manifest: string,
 *   readonly config: string,
 *   readonly layer: string,
 *   readonly foreign: string,
 * }} Family
 * The media types of a manifest, its config and its layers.
 */

/** @type {Family} */
const DOCKER = {
  manifest: types.DOCKER_MANIFEST,
  config: types.DOCKER_CONFIG,
  layer: types.DOCKER_LAYER,
  foreign: types.DOCKER_FOREIGN_LAYER,
}

/** @type {Family} */
export const OCI = {
  manifest: types.OCI_MANIFEST,
  config: types.OCI_CONFIG,
  layer: types.OCI_LAYER,
  foreign: types.OCI_FOREIGN_LAYER,
}

/**
 * An image in Docker's format (schema 2). Equal seeds and options give equal bytes.
 * @param {string} seed
 * @param {ImageOptions} [options]
 */
export function dockerImage(seed, options = {}) {
  return image(DOCKER, seed, options)
}

/**
 * An image in OCI's format. Equal seeds and options give equal bytes.
 * @param {string} seed
 * @param {ImageOptions} [options]
 */
export function ociImage(seed, options = {}) {
  return image(OCI, seed, options)
}

/**
 * The layers of an image: those given, or two of its own.
 * @param {string} seed
 * @param {ImageOptions} options
 * @returns {Layer[]}
 */
export function layersOf(seed, { layers, layerSize, algorithm }) {
  return (layers ?? [`${seed}/1`, `${seed}/2`]).map((each) =>
    typeof each === 'string' ? layer(each, layerSize, algorithm) : each,
  )
}

/**
 * @param {Family} family
 * @param {string} seed
 * @param {ImageOptions} options
 * @returns {Image}
 */
function image(family, seed, options) {
  const platform = options.platform ?? { os: 'linux', architecture: 'amd64' }
  const layers = layersOf(seed, options)
  const { created = '2026-01-01T00:00:00Z', secret, algorithm } = options
  const parts = {
    ...(created === null ? {} : { created }),
    ...platform,
    config: { Env: [`SEED=${seed}`, ...(secret === undefined ? [] : [`SECRET=${secret}`])] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId, digest }) => diffId ?? digest) },
    history: layers.map(() => ({ created_by: 'COPY' })),
  }
  return { ...withManifest(family, json(parts, algorithm), layers, options), platform }
}

/**
 * A manifest with a config and layers.
 * @param {Family} family
 * @param {Content} config
 * @param {readonly Layer[]} layers
 * @param {Common} options
 * @returns {Image}
 */
export function withManifest(family, config, layers, options) {
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

/**
 * The last properties of a manifest, which every kind may have.
 * @param {Common} options
 */
export function tail({ subject, annotations }) {
  return {
    ...(subject === undefined ? {} : { subject: descriptor(subject, subject.mediaType) }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

/**
 * The blobs that a push of this manifest alone uploads first. Foreign layers are left out.
 * @param {Image} of
 * @returns {Content[]}
 */
export function blobsOf({ config, layers }) {
  return [...(config === undefined ? [] : [config]), ...layers.filter(({ urls }) => urls === undefined)]
}

/**
 * Every manifest of an image, itself first.
 * @param {Image} of
 * @returns {string[]}
 */
export function manifestDigests(of) {
  return [of.digest, ...of.children.flatMap(manifestDigests)]
}

/**
 * Every blob that a push of an image and of its children uploads, each once, under the digest that the manifest names.
 * @param {Image} of
 * @returns {string[]}
 */
export function blobDigests(of) {
  return [...new Set([...blobsOf(of).map(({ digest }) => digest), ...of.children.flatMap(blobDigests)])]
}
