import type { Digest } from './digest.js'
import { parseDigest } from './digest.js'

/** Docker wrote one. More would only cost memory. */
const SIGNATURES = 8

/** What a schema 1 manifest is, as far as it counts for tags that stay. */
export interface Schema1 {
  /** The bytes of which its digest is taken: without the signatures, where it is signed. */
  readonly payload: Uint8Array
  /** Its layers, as written. */
  readonly layers: readonly Digest[]
}

/**
 * Reads a schema 1 manifest. A signed one carries its signatures inside; its digest is that of the text without them,
 * which `protected` tells how to put together again: so many bytes of the body, and a tail.
 *
 * The signature itself is not checked: nothing is trusted because of it, the digest alone counts.
 *
 * @param body the bytes as received
 * @returns what it holds, or undefined where it is not well-formed
 */
export function parseSchema1(body: Uint8Array): Schema1 | undefined {
  const json = parse(body)
  if (json?.['schemaVersion'] !== 1) return undefined
  const layers = layersOf(json)
  if (layers === undefined) return undefined
  const { signatures } = json
  if (signatures === undefined) return { payload: body, layers }
  if (!Array.isArray(signatures) || signatures.length > SIGNATURES) return undefined
  const [first, ...others] = signatures.map((each: unknown) => payloadOf(body, each))
  if (first === undefined || !others.every((each) => each !== undefined && first.equals(each)))
    return undefined
  // What is hashed must say the same as what was read.
  const signed = layersOf(parse(first) ?? {})
  const same = signed?.length === layers.length && signed.every((layer, at) => layer === layers[at])
  return same ? { payload: first, layers } : undefined
}

function layersOf({ fsLayers }: Readonly<Record<string, unknown>>): Digest[] | undefined {
  if (!Array.isArray(fsLayers)) return undefined
  const layers = fsLayers.map((each: unknown) => parseDigest((each as { blobSum?: unknown } | null)?.blobSum))
  return layers.every((each) => each !== undefined) ? layers : undefined
}

function payloadOf(body: Uint8Array, signature: unknown): Buffer | undefined {
  const written = (signature as { protected?: unknown } | null)?.protected
  if (typeof written !== 'string') return undefined
  const { formatLength, formatTail } = parse(Buffer.from(written, 'base64url')) ?? {}
  if (typeof formatLength !== 'number' || typeof formatTail !== 'string') return undefined
  if (!Number.isInteger(formatLength) || formatLength < 0 || formatLength > body.length) return undefined
  return Buffer.concat([body.subarray(0, formatLength), Buffer.from(formatTail, 'base64url')])
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
