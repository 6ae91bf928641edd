import { digestsWrittenIn, parseDigest, sha256, type Digest } from './digest.js'
import { essence, isGeneric, kindOf, type Kind } from './mediatype.js'
import { parseSchema1 } from './schema1.js'

/** A pointer to content, as the image-spec has it, reduced to what a purge needs. */
export interface Descriptor {
  readonly digest: Digest
  readonly mediaType: string
  /** In bytes; undefined when the manifest does not say. */
  readonly size?: number
  /** The content may lie elsewhere (foreign layer): its absence from the registry is normal. */
  readonly foreign: boolean
}

/** A manifest, read and hashed. The lists are empty where its kind has none. */
export interface Manifest {
  readonly digest: Digest
  readonly mediaType: string
  /** In bytes. */
  readonly size: number
  readonly kind: Exclude<Kind, 'blob'>
  /** The manifests of an index. */
  readonly children: readonly Descriptor[]
  readonly config?: Descriptor
  /** Config, layers, artifact blobs, and blobs that an index lists; each digest once. */
  readonly blobs: readonly Descriptor[]
  readonly subject?: Digest
  /**
   * What is needed although nobody can tell what it is: for the kind `unknown` every digest written in it, for an index
   * the entries whose media type is neither a manifest's nor a blob's. They are sent to no endpoint to find out: a blob
   * digest must not reach the manifests endpoint.
   */
  readonly written: readonly Digest[]
}

/** Why a body is no manifest that may be worked with. */
export interface Unusable {
  readonly unusable: string
}

type Json = Readonly<Record<string, unknown>>

/**
 * Reads a manifest that has been received whole.
 *
 * What is no JSON object, or is not what its media type says, or whose own `mediaType` contradicts the header, is not
 * used at all: a page of a login portal comes with 200 as well, and two readers could take an ambiguous body for two
 * different images (CVE-2021-41190). Only a media type that nobody here knows makes the kind `unknown`.
 *
 * @param body the bytes as received; their sha256 is the digest unless `named` says otherwise
 * @param contentType the Content-Type header
 * @param named the digest under which it was asked for, already compared with the bytes
 * @returns the manifest, or why it cannot be used
 */
export function parseManifest(
  body: Uint8Array,
  contentType: string | undefined,
  named?: Digest,
): Manifest | Unusable {
  const text = Buffer.from(body).toString('utf8')
  const json = parseJson(text)
  if (json === undefined) return { unusable: 'it is no JSON object, so it is no manifest' }
  const twice = disguised(json)
  if (twice !== undefined)
    return {
      unusable: `its key ${JSON.stringify(twice)} is one of a manifest's but for its case, and clients read that differently`,
    }
  const header = essence(contentType)
  const own = typeof json['mediaType'] === 'string' ? json['mediaType'].toLowerCase() : ''
  if (kindOf(header) === 'schema1' || kindOf(own) === 'schema1' || json['schemaVersion'] === 1)
    return schema1(body, header, named)
  const digest = named ?? sha256(body)
  if (own !== '' && !isGeneric(header) && kindOf(own) !== kindOf(header))
    return { unusable: 'its Content-Type header and its own mediaType contradict each other' }

  const mediaType = own !== '' ? own : header
  const kind = isGeneric(mediaType) ? kindByShape(json) : kindOf(mediaType)
  const base = { digest, mediaType, size: body.length }
  if (kind === 'unknown' && !isGeneric(mediaType)) {
    const written = digestsWrittenIn(unescaped(text)).filter((each) => each !== digest)
    const subject = descriptor(json['subject'])?.digest
    return { ...base, kind, children: [], blobs: [], written, ...(subject !== undefined && { subject }) }
  }
  const parts = partsOf(json, kind)
  if (parts === undefined) return { unusable: 'it is not a well-formed manifest of its media type' }
  const subject = descriptor(json['subject'])?.digest
  return { ...base, ...parts, ...(subject !== undefined && { subject }) }
}

/** Only for tags that stay: nobody pushes it any more, but the layers of old images count as needed. */
function schema1(body: Uint8Array, mediaType: string, named?: Digest): Manifest | Unusable {
  const parsed = parseSchema1(body)
  if (parsed === undefined) return { unusable: 'it is a schema 1 manifest that is not well-formed' }
  const digest = named ?? sha256(parsed.payload)
  const blobs = once(parsed.layers.map((layer) => ({ digest: layer, mediaType: '', foreign: false })))
  return { digest, mediaType, size: body.length, kind: 'schema1', children: [], blobs, written: [] }
}

/**
 * @param body the bytes of a manifest as received
 * @returns the bytes of which its digest is taken: those of a signed schema 1 manifest go without its signatures.
 * Undefined where they cannot be told, since it is not well-formed
 */
export function hashedBytes(body: Uint8Array): Uint8Array | undefined {
  // Nothing else has signatures in itself, so nothing else is taken apart.
  if (!Buffer.from(body).includes('"signatures"')) return body
  const json = parseJson(Buffer.from(body).toString('utf8'))
  return json?.['schemaVersion'] === 1 ? parseSchema1(body)?.payload : body
}

type Parts = Pick<Manifest, 'kind' | 'children' | 'blobs' | 'config' | 'written'>

function partsOf(json: Json, kind: Kind): Parts | undefined {
  if (kind === 'index') return indexParts(json)
  if (kind === 'image') return imageParts(json)
  return kind === 'artifact' ? artifactParts(json) : undefined
}

function indexParts(json: Json): Parts | undefined {
  if (has(json, 'config') || has(json, 'layers') || has(json, 'blobs') || has(json, 'fsLayers'))
    return undefined
  const entries = descriptors(json['manifests'])
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

/** Whether an index entry is a manifest: by a type that is known as one, that says so, or that says nothing. */
function isManifest({ mediaType }: Descriptor): boolean {
  const kind = kindOf(mediaType)
  if (kind === 'unknown')
    return mediaType === '' || mediaType === 'application/json' || /manifest|index/.test(mediaType)
  return kind !== 'blob'
}

function imageParts(json: Json): Parts | undefined {
  if (has(json, 'manifests') || has(json, 'blobs') || has(json, 'fsLayers')) return undefined
  const config = descriptor(json['config'])
  const layers = descriptors(json['layers'])
  if (config === undefined || layers === undefined) return undefined
  return { kind: 'image', children: [], config, blobs: once([config, ...layers]), written: [] }
}

function artifactParts(json: Json): Parts | undefined {
  if (has(json, 'manifests') || has(json, 'layers') || has(json, 'config')) return undefined
  const blobs = json['blobs'] === undefined ? [] : descriptors(json['blobs'])
  return blobs === undefined ? undefined : { kind: 'artifact', children: [], blobs: once(blobs), written: [] }
}

function kindByShape(json: Json): Kind {
  if (has(json, 'manifests')) return 'index'
  return has(json, 'config') && has(json, 'layers') ? 'image' : 'unknown'
}

/** One entry that cannot be read makes the whole list unreadable: what it names would not be counted. */
function descriptors(value: unknown): Descriptor[] | undefined {
  // Go writes an empty list that was never made as null.
  if (value === null) return []
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
    ...(typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 && { size }),
  }
}

function once(list: readonly Descriptor[]): Descriptor[] {
  return [...new Map(list.map((each) => [each.digest, each])).values()]
}

/** What counts in a manifest and in its descriptors. */
const KEYS = [
  'schemaVersion',
  'mediaType',
  'config',
  'layers',
  'manifests',
  'blobs',
  'subject',
  'fsLayers',
  'blobSum',
  'digest',
  'signatures',
]
const BY_LOWER_CASE = new Map(KEYS.map((key) => [key.toLowerCase(), key]))
/** Go folds these two as well. */
const folded = (key: string): string => key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase()

/** Go's readers take `Layers` for `layers`, and the later one of both: such a body is two different images. */
function disguised(json: Json): string | undefined {
  const wrong = (object: unknown): string | undefined =>
    typeof object === 'object' && object !== null
      ? Object.keys(object).find((key) => (BY_LOWER_CASE.get(folded(key)) ?? key) !== key)
      : undefined
  const lists = [json['layers'], json['manifests'], json['blobs'], json['fsLayers']]
  const descriptors: unknown[] = [json, json['config'], json['subject']]
  for (const list of lists) if (Array.isArray(list)) descriptors.push(...(list as unknown[]))
  for (const each of descriptors) {
    const found = wrong(each)
    if (found !== undefined) return found
  }
  return undefined
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

/** JSON may write any sign of a digest as an escape. */
function unescaped(text: string): string {
  return text.replace(/\\u00([0-7][0-9a-fA-F])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
