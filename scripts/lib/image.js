import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { mediaTypes } from './media-types.js'
import { writeTar } from './tar.js'

/**
 * @typedef {{ mediaType: string, digest: string, size: number }} Descriptor
 * @typedef {Descriptor & { bytes: Buffer, diffId: string }} ImageBlob
 * `diffId` is the hash of a layer's uncompressed archive, as an image's config lists it.
 * @typedef {Descriptor & {
 *   bytes: Buffer,
 *   blobs: ImageBlob[],
 *   manifests: ImageManifest[],
 *   listing: Record<string, unknown>,
 * }} ImageManifest
 * `blobs` and `manifests` are what must be there before it can be pushed: the config first, then the layers.
 * `listing` is what an index says of it beside its descriptor.
 * @typedef {{
 *   layers: ImageBlob[],
 *   created?: string | undefined,
 *   platform?: { os: string, architecture: string, variant?: string } | undefined,
 *   config?: Record<string, unknown> | undefined,
 *   annotations?: Record<string, string> | undefined,
 *   subject?: Descriptor | undefined,
 * }} ImageParts
 * `created` is an RFC 3339 time, or empty for a config without a date; `config` is added to the image's config.
 * @typedef {ImageManifest | { manifest: ImageManifest } & Record<string, unknown>} IndexEntry
 * A manifest, or a manifest with more words for its entry (`platform`, `annotations`, `artifactType`).
 */

/**
 * @param {Buffer | string} content
 * @param {'sha256' | 'sha512'} [algorithm]
 */
export function digestOf(content, algorithm = 'sha256') {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`
}

/**
 * Any bytes.
 * @param {Buffer | string} content
 * @param {string} [mediaType]
 * @returns {ImageBlob}
 */
export function blob(content, mediaType = 'application/octet-stream') {
  const bytes = Buffer.from(content)
  const digest = digestOf(bytes)
  return { mediaType, digest, size: bytes.length, bytes, diffId: digest }
}

/**
 * A layer as a build makes it: a gzipped tar archive of these files.
 * @param {Record<string, string | Buffer>} files path and content
 * @returns {ImageBlob}
 */
export function layer(files) {
  const archive = writeTar(files)
  return { ...blob(gzipSync(archive, { level: 6 }), mediaTypes.ociLayer), diffId: digestOf(archive) }
}

/**
 * The same bytes under their sha512 digest. A manifest made with this names it so, and it is pushed so.
 * @param {ImageBlob} each
 * @returns {ImageBlob}
 */
export function bySha512(each) {
  return { ...each, digest: digestOf(each.bytes, 'sha512') }
}

/** The config of everything that is no image: two bytes that many repositories share. */
export const emptyConfig = blob('{}', mediaTypes.ociEmpty)

/**
 * A manifest of any kind, also a wrong one: `content` is taken as it is, an object is written as JSON.
 * @param {string} mediaType
 * @param {string | Buffer | object} content
 * @param {{ blobs?: ImageBlob[], manifests?: ImageManifest[], listing?: Record<string, unknown> }} [needs]
 * @returns {ImageManifest}
 */
export function manifest(mediaType, content, { blobs = [], manifests = [], listing = {} } = {}) {
  const plain = typeof content === 'string' || Buffer.isBuffer(content)
  const bytes = Buffer.from(plain ? content : JSON.stringify(content, null, 2))
  return { mediaType, digest: digestOf(bytes), size: bytes.length, bytes, blobs, manifests, listing }
}

/**
 * An image in Docker's format (schema 2).
 * @param {ImageParts} parts
 */
export function dockerImage(parts) {
  return image(parts, mediaTypes.dockerManifest, mediaTypes.dockerConfig, mediaTypes.dockerLayer)
}

/**
 * An image in OCI's format.
 * @param {ImageParts} parts
 */
export function ociImage(parts) {
  return image(parts, mediaTypes.ociManifest, mediaTypes.ociConfig, mediaTypes.ociLayer)
}

/**
 * @param {ImageParts} parts
 * @param {string} mediaType
 * @param {string} configType
 * @param {string} layerType
 */
function image(parts, mediaType, configType, layerType) {
  const { layers, created = '2026-01-05T08:00:00Z', annotations, subject } = parts
  const platform = parts.platform ?? { os: 'linux', architecture: 'amd64' }
  const config = blob(
    JSON.stringify({
      ...(created && { created }),
      ...platform,
      config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Cmd: ['/bin/sh'] },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map((_, index) => ({ ...(created && { created }), created_by: `layer ${index + 1}` })),
      ...parts.config,
    }),
    configType,
  )
  const value = {
    schemaVersion: 2,
    mediaType,
    config: descriptor(config),
    layers: layers.map((each) => ({ ...descriptor(each), mediaType: layerType })),
    ...(subject && { subject: descriptor(subject) }),
    ...(annotations && { annotations }),
  }
  return manifest(mediaType, value, { blobs: [config, ...layers], listing: { platform } })
}

/**
 * A list of images for several platforms in Docker's format.
 * @param {IndexEntry[]} entries
 */
export function dockerList(entries) {
  return index(entries, mediaTypes.dockerList, { mediaType: mediaTypes.dockerList })
}

/**
 * A list of images for several platforms in OCI's format. Entries may be indexes themselves.
 * @param {IndexEntry[]} entries
 * @param {{ annotations?: Record<string, string>, subject?: Descriptor, artifactType?: string, bare?: boolean }} [more]
 * `bare` leaves out the optional mediaType.
 */
export function ociIndex(entries, { annotations, subject, artifactType, bare } = {}) {
  return index(entries, mediaTypes.ociIndex, {
    ...(!bare && { mediaType: mediaTypes.ociIndex }),
    ...(artifactType && { artifactType }),
    ...(subject && { subject: descriptor(subject) }),
    ...(annotations && { annotations }),
  })
}

/**
 * @param {IndexEntry[]} entries
 * @param {string} mediaType
 * @param {object} head
 */
function index(entries, mediaType, head) {
  const listed = entries.map((entry) => {
    if (!('manifest' in entry)) return { child: entry, words: {} }
    const { manifest: child, ...words } = entry
    return { child, words }
  })
  const manifests = listed.map(({ child, words }) => ({ ...descriptor(child), ...child.listing, ...words }))
  const value = { schemaVersion: 2, ...head, manifests }
  return manifest(mediaType, value, { manifests: listed.map(({ child }) => child) })
}

/**
 * What a build adds to an index beside each image: statements on how it was made, in the shape of an image for no
 * platform. An index that lists it says which image it belongs to.
 * @param {ImageManifest} of
 * @param {object} [statement]
 */
export function attestation(of, statement = { predicateType: 'https://slsa.dev/provenance/v1' }) {
  const nowhere = { os: 'unknown', architecture: 'unknown' }
  const subject = [{ name: 'image', digest: { sha256: of.digest.slice('sha256:'.length) } }]
  const predicate = { _type: 'https://in-toto.io/Statement/v0.1', subject, ...statement }
  const body = blob(JSON.stringify(predicate), mediaTypes.inToto)
  const config = blob(
    JSON.stringify({ ...nowhere, config: {}, rootfs: { type: 'layers', diff_ids: [body.digest] } }),
    mediaTypes.ociConfig,
  )
  const value = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptor(config),
    layers: [
      { ...descriptor(body), annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' } },
    ],
  }
  const annotations = {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': of.digest,
  }
  return manifest(mediaTypes.ociManifest, value, {
    blobs: [config, body],
    listing: { platform: nowhere, annotations },
  })
}

/**
 * Something that is no image (a signature, a bill of materials): typed, with the empty config, mostly about a subject.
 * @param {{
 *   artifactType: string,
 *   layers?: ImageBlob[],
 *   subject?: Descriptor | undefined,
 *   annotations?: Record<string, string> | undefined,
 * }} parts
 */
export function ociArtifact({ artifactType, layers = [], subject, annotations }) {
  const content = layers.length > 0 ? layers : [emptyConfig]
  const value = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType,
    config: descriptor(emptyConfig),
    layers: content.map(descriptor),
    ...(subject && { subject: descriptor(subject) }),
    ...(annotations && { annotations }),
  }
  return manifest(mediaTypes.ociManifest, value, {
    blobs: [emptyConfig, ...content],
    listing: { artifactType, ...(annotations && { annotations }) },
  })
}

/**
 * The tag under which clients keep the list of an image's referrers where the registry has no interface for them. The
 * list itself is an `ociIndex` of the referrers.
 * @param {Descriptor} subject
 */
export function referrersTag(subject) {
  return subject.digest.replace(':', '-')
}

/**
 * @param {Descriptor} of
 * @returns {Descriptor}
 */
export function descriptor({ mediaType, digest, size }) {
  return { mediaType, digest, size }
}
