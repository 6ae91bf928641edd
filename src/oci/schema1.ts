import type { Digest } from './digest.js'
import { parseDigest } from './digest.js'

/** Signatures, at most. Docker wrote one; many would only cost memory. */
const SIGNATURES = 8

/** The parts of a schema 1 manifest that a purge needs. */
export interface Schema1 {
  /** The bytes that the digest is computed from. A signed manifest is hashed without its signatures. */
  readonly payload: Uint8Array
  /** In the order of the manifest. */
  readonly layers: readonly Digest[]
}

/**
 * Parses a schema 1 manifest. A signed manifest contains its signatures, and its digest is that of the text without them.
 * The `protected` header of a signature defines that text: the first `formatLength` bytes of the body, then `formatTail`.
 *
 * The signature itself is not verified: only the digest matters.
 *
 * @param body the bytes as received
 * @returns undefined if the manifest is malformed
 */
export function parseSchema1(body: Uint8Array): Schema1 | undefined {
  const json = parseObject(body)
  if (json?.['schemaVersion'] !== 1) return undefined
  const layers = parseLayers(json)
  if (layers === undefined) return undefined
  const { signatures } = json
  if (signatures === undefined) return { payload: body, layers }
  if (!Array.isArray(signatures) || signatures.length > SIGNATURES) return undefined
  const [first, ...others] = signatures.map((each: unknown) => signedPayload(body, each))
  if (first === undefined || !others.every((each) => each !== undefined && first.equals(each)))
    return undefined
  // The hashed text must name the same layers as the body.
  const signed = parseLayers(parseObject(first) ?? {})
  const same = signed?.length === layers.length && signed.every((layer, at) => layer === layers[at])
  return same ? { payload: first, layers } : undefined
}

function parseLayers({ fsLayers }: Readonly<Record<string, unknown>>): Digest[] | undefined {
  // Go encodes a nil slice as null.
  if (fsLayers === null) return []
  if (!Array.isArray(fsLayers)) return undefined
  const layers = fsLayers.map((each: unknown) => parseDigest((each as { blobSum?: unknown } | null)?.blobSum))
  return layers.every((each) => each !== undefined) ? layers : undefined
}

function signedPayload(body: Uint8Array, signature: unknown): Buffer | undefined {
  const written = (signature as { protected?: unknown } | null)?.protected
  if (typeof written !== 'string') return undefined
  const { formatLength, formatTail } = parseObject(Buffer.from(written, 'base64url')) ?? {}
  if (typeof formatLength !== 'number' || typeof formatTail !== 'string') return undefined
  if (!Number.isInteger(formatLength) || formatLength < 0 || formatLength > body.length) return undefined
  return Buffer.concat([body.subarray(0, formatLength), Buffer.from(formatTail, 'base64url')])
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
