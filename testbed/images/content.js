import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { writeTar } from './tar.js'

/**
 * @typedef {'sha256' | 'sha512'} Algorithm
 *
 * @typedef {{
 *   readonly digest: string,
 *   readonly size: number,
 *   readonly bytes: Buffer,
 * }} Content
 *
 * @typedef {Content & {
 *   readonly mediaType?: string,
 *   readonly urls?: readonly string[],
 *   readonly annotations?: Readonly<Record<string, string>>,
 *   readonly diffId?: string,
 * }} Layer
 * A blob that a manifest lists. `mediaType` replaces the type that the manifest gives to its layers. A layer with `urls`
 * is foreign: it is stored elsewhere, and a push leaves it out. `diffId` is the hash of the uncompressed archive, as a config
 * lists it.
 *
 * @typedef {{
 *   readonly mediaType: string,
 *   readonly digest: string,
 *   readonly size: number,
 *   readonly urls?: readonly string[],
 *   readonly annotations?: Readonly<Record<string, string>>,
 * }} Descriptor
 */

/**
 * @param {Buffer | string} bytes
 * @param {string} [algorithm]
 */
export function digestOf(bytes, algorithm = 'sha256') {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/**
 * A blob of any bytes.
 * @param {Buffer | string} of
 * @param {Algorithm} [algorithm]
 * @returns {Content}
 */
export function content(of, algorithm = 'sha256') {
  const bytes = Buffer.from(of)
  return { digest: digestOf(bytes, algorithm), size: bytes.length, bytes }
}

/**
 * @param {object} value
 * @param {Algorithm} [algorithm]
 */
export function json(value, algorithm = 'sha256') {
  return content(JSON.stringify(value), algorithm)
}

/**
 * A layer made from a seed. Equal seeds give equal bytes.
 * @param {string} seed
 * @param {number} [size] at least this many bytes
 * @param {Algorithm} [algorithm]
 */
export function layer(seed, size = 0, algorithm = 'sha256') {
  const text = `layer ${seed}\n`
  return content(Buffer.alloc(Math.max(size, text.length), text), algorithm)
}

/**
 * A layer as a build makes it: a gzipped tar archive.
 * @param {Record<string, string | Buffer>} files path and content
 * @returns {Layer}
 */
export function layerOfFiles(files) {
  const archive = writeTar(files)
  return { ...content(gzipSync(archive, { level: 6 })), diffId: digestOf(archive) }
}

/**
 * A foreign layer: only its vendor may distribute it.
 * @param {string} seed
 * @param {readonly string[]} [urls]
 * @returns {Layer}
 */
export function foreignLayer(seed, urls = ['https://vendor.invalid/layer']) {
  return { ...layer(seed), urls }
}

/**
 * The same layer or image under the sha512 digest of its bytes.
 * @template {Content} C
 * @param {C} of
 * @returns {C}
 */
export function bySha512(of) {
  return { ...of, digest: digestOf(of.bytes, 'sha512') }
}

/** The config that all artifacts share: deleting it breaks every one of them. */
export const EMPTY_CONFIG = content('{}')

/** The gzipped empty archive that schema 1 images have for every step that writes no file. It holds no data. */
export const EMPTY_LAYER = content(Buffer.from('H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=', 'base64'))

/**
 * @param {Layer} of
 * @param {string} type if the layer does not have a type of its own
 * @returns {Descriptor}
 */
export function descriptor({ digest, size, mediaType, urls, annotations }, type) {
  return {
    mediaType: mediaType ?? type,
    digest,
    size,
    ...(urls === undefined ? {} : { urls }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}
