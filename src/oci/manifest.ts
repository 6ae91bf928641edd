import { digestsWrittenIn, matches, parseDigest, sha256, type Digest } from './digest.js'
import { miscasedKey } from './keys.js'
import { essence, isGeneric, kindOf, type Kind } from './mediatype.js'
import { parseSchema1 } from './schema1.js'

/** A descriptor of the image-spec, reduced to the fields that a purge needs. */
export interface Descriptor {
  readonly digest: Digest
  readonly mediaType: string
  /** In bytes. Undefined if the manifest does not state it, or states 0 for content that is not empty. */
  readonly size?: number
  /** A foreign layer: the content may be stored elsewhere, so the registry need not have it. */
  readonly foreign: boolean
}

/** A parsed and hashed manifest. Lists that its kind does not have are empty. */
export interface Manifest {
  readonly digest: Digest
  readonly mediaType: string
  /** In bytes. */
  readonly size: number
  readonly kind: Exclude<Kind, 'blob'>
  /** The manifests of an index. */
  readonly children: readonly Descriptor[]
  readonly config?: Descriptor
  /** Config, layers, artifact blobs and blobs that an index lists; each digest once. */
  readonly blobs: readonly Descriptor[]
  readonly subject?: Digest
  /**
   * Digests that are needed and may be those of manifests or of blobs: every digest written in a manifest of kind
   * `unknown`, and every index entry whose media type is neither a manifest's nor a blob's. No request finds out which,
   * because a blob digest must not be sent to the manifests endpoint.
   */
  readonly written: readonly Digest[]
}

/** Why a body cannot be used as a manifest. */
export type ManifestFlaw =
  /** The body is not a JSON object. */
  | { readonly is: 'no-object' }
  /** A key differs from a manifest's key only by case. Clients interpret such a key differently. */
  | { readonly is: 'miscased-key'; readonly key: string }
  /** The Content-Type header and the manifest's own `mediaType` contradict each other. */
  | { readonly is: 'two-types' }
  /** The body does not have the structure of its media type. */
  | { readonly is: 'malformed' }
  /** A schema 1 manifest does not have the structure of schema 1. */
  | { readonly is: 'malformed-schema1' }

/** A body that cannot be used as a manifest. */
export interface Unusable {
  readonly unusable: ManifestFlaw
}

type Json = Readonly<Record<string, unknown>>

/**
 * Parses a manifest. The body must be complete.
 *
 * The image-spec requires `layers` and `manifests`, but registries store manifests without them (distribution 3.1.1, 2.8.2),
 * and Go writes null for a list without entries. A missing list is an empty one if something else in the body shows
 * what it is: the config of an image, the own `mediaType` of an index or an artifact. The config of an image is never
 * optional: the same registries refuse an image without one, and without it `{}` would be an image that needs nothing.
 *
 * A body is unusable if it is not a JSON object, does not have the structure of its media type, or has a `mediaType` that
 * contradicts the header: a login portal returns 200 too, and two clients could interpret an ambiguous body as two
 * different images (CVE-2021-41190). The kind is `unknown` only for an unknown media type.
 *
 * @param body the bytes as received; their sha256 is the digest unless `named` is given
 * @param contentType the Content-Type header
 * @param named the digest in the request, which must match the bytes
 */
export function parseManifest(
  body: Uint8Array,
  contentType: string | undefined,
  named?: Digest,
): Manifest | Unusable {
  const text = Buffer.from(body).toString('utf8')
  const json = parseJson(text)
  if (json === undefined) return { unusable: { is: 'no-object' } }
  const miscased = miscasedKey(json)
  if (miscased !== undefined) return { unusable: { is: 'miscased-key', key: miscased } }
  const header = essence(contentType)
  const own = typeof json['mediaType'] === 'string' ? json['mediaType'].toLowerCase() : ''
  if (kindOf(header) === 'schema1' || kindOf(own) === 'schema1' || json['schemaVersion'] === 1)
    return schema1(body, header, named)
  const digest = named ?? sha256(body)
  if (own !== '' && !isGeneric(header) && kindOf(own) !== kindOf(header))
    return { unusable: { is: 'two-types' } }

  const mediaType = own !== '' ? own : header
  const kind = isGeneric(mediaType) ? kindByShape(json) : kindOf(mediaType)
  const base = { digest, mediaType, size: body.length }
  if (kind === 'unknown' && !isGeneric(mediaType)) {
    const written = digestsWrittenIn(unescaped(text)).filter((each) => each !== digest)
    const subject = descriptor(json['subject'])?.digest
    return { ...base, kind, children: [], blobs: [], written, ...(subject !== undefined && { subject }) }
  }
  const parts = partsOf(json, kind, kindOf(own) === kind)
  if (parts === undefined) return { unusable: { is: 'malformed' } }
  const subject = descriptor(json['subject'])?.digest
  return { ...base, ...parts, ...(subject !== undefined && { subject }) }
}

/** Nobody pushes schema 1 any more, but kept tags may need the layers of old images. */
function schema1(body: Uint8Array, mediaType: string, named?: Digest): Manifest | Unusable {
  const parsed = parseSchema1(body)
  if (parsed === undefined) return { unusable: { is: 'malformed-schema1' } }
  const digest = named ?? sha256(parsed.payload)
  const blobs = once(parsed.layers.map((layer) => ({ digest: layer, mediaType: '', foreign: false })))
  return { digest, mediaType, size: body.length, kind: 'schema1', children: [], blobs, written: [] }
}

/**
 * @param body the bytes of a manifest as received
 * @returns the bytes that its digest is computed from: a signed schema 1 manifest without its signatures, otherwise the
 *   whole body. Undefined if a schema 1 manifest is malformed
 */
export function hashedBytes(body: Uint8Array): Uint8Array | undefined {
  // Only schema 1 contains signatures. All other manifests are hashed whole, without being parsed.
  if (!Buffer.from(body).includes('"signatures"')) return body
  const json = parseJson(Buffer.from(body).toString('utf8'))
  return json?.['schemaVersion'] === 1 ? parseSchema1(body)?.payload : body
}

type Parts = Pick<Manifest, 'kind' | 'children' | 'blobs' | 'config' | 'written'>

/** @param named whether the body itself, and not only the header, names the kind */
function partsOf(json: Json, kind: Kind, named: boolean): Parts | undefined {
  if (kind === 'index') return indexParts(json, named)
  if (kind === 'image') return imageParts(json)
  return kind === 'artifact' ? artifactParts(json, named) : undefined
}

function indexParts(json: Json, named: boolean): Parts | undefined {
  if (has(json, 'config') || has(json, 'layers') || has(json, 'blobs') || has(json, 'fsLayers'))
    return undefined
  const entries = descriptors(json['manifests'], named)
  if (entries === undefined) return undefined
  return {
    kind: 'index',
    children: once(entries.filter(isManifest)),
    blobs: once(entries.filter((entry) => kindOf(entry.mediaType) === 'blob')),
    written: once(entries.filter((entry) => kindOf(entry.mediaType) === 'unknown' && !isManifest(entry))).map(
      ({ digest }) => digest,
    ),
  }
}

/** @returns whether an index entry is a manifest: its type is known, contains `manifest` or `index`, or is generic */
function isManifest({ mediaType }: Descriptor): boolean {
  const kind = kindOf(mediaType)
  if (kind === 'unknown')
    return mediaType === '' || mediaType === 'application/json' || /manifest|index/.test(mediaType)
  return kind !== 'blob'
}

function imageParts(json: Json): Parts | undefined {
  if (has(json, 'manifests') || has(json, 'blobs') || has(json, 'fsLayers')) return undefined
  const config = descriptor(json['config'])
  const layers = descriptors(json['layers'], config !== undefined)
  if (config === undefined || layers === undefined) return undefined
  return { kind: 'image', children: [], config, blobs: once([config, ...layers]), written: [] }
}

function artifactParts(json: Json, named: boolean): Parts | undefined {
  if (has(json, 'manifests') || has(json, 'layers') || has(json, 'config')) return undefined
  const blobs = descriptors(json['blobs'], named)
  return blobs === undefined ? undefined : { kind: 'artifact', children: [], blobs: once(blobs), written: [] }
}

function kindByShape(json: Json): Kind {
  if (has(json, 'manifests')) return 'index'
  return has(json, 'config') && json['layers'] !== undefined ? 'image' : 'unknown'
}

/**
 * One malformed entry makes the whole list malformed: the content that it refers to would otherwise be missing.
 *
 * @param optional whether the list may be missing
 */
function descriptors(value: unknown, optional: boolean): Descriptor[] | undefined {
  // Go encodes a nil slice as null.
  if (value === null || (value === undefined && optional)) return []
  if (!Array.isArray(value)) return undefined
  const all = value.map(descriptor)
  return all.every((each) => each !== undefined) ? all : undefined
}

function descriptor(value: unknown): Descriptor | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { digest: written, mediaType, size, urls } = value as Json
  const digest = parseDigest(written)
  if (digest === undefined) return undefined
  return {
    digest,
    mediaType: typeof mediaType === 'string' ? mediaType.toLowerCase() : '',
    foreign: Array.isArray(urls) && urls.length > 0,
    ...(isSize(size, digest) && { size }),
  }
}

/** Go writes 0 for a size that was never set, and clients ignore it. Only empty content has this size. */
function isSize(size: unknown, digest: Digest): size is number {
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return false
  return size > 0 || matches(digest, new Uint8Array())
}

function once(list: readonly Descriptor[]): Descriptor[] {
  return [...new Map(list.map((each) => [each.digest, each])).values()]
}

function has(json: Json, key: string): boolean {
  return json[key] !== undefined && json[key] !== null
}

function parseJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
  } catch {
    return undefined
  }
}

/** Undoes the escapes of ASCII characters: JSON may escape any character of a digest. */
function unescaped(text: string): string {
  return text.replace(/\\u00([0-7][0-9a-fA-F])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
