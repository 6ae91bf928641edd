import { createHash } from 'node:crypto'

/** A content digest in canonical form, such as `sha256:<64 lower-case hex>`. Only the functions in this file make one. */
export type Digest = string & { readonly __digest: unique symbol }

/** A digest must match this before it is used in a URL: distribution 3.x treats a malformed digest as a tag, and returns 500. */
const CANONICAL = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** The hex digits of a digest, also without the algorithm, as in the `{"sha256":"<hex>"}` of in-toto. */
const WRITTEN = /(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{128})(?![0-9a-f])/g

/**
 * The well-known empty blobs: `{}`, no bytes, and two gzipped empty tars. They are never deleted (safety rule 4): they
 * hold no data, and untagged content, which cannot be listed, may share them.
 */
export const EMPTY_BLOBS: ReadonlySet<string> = new Set([
  'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4',
  'sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1',
])

/** @returns the digest, or undefined if `text` is not one in canonical form */
export function parseDigest(text: unknown): Digest | undefined {
  return typeof text === 'string' && CANONICAL.test(text) ? (text as Digest) : undefined
}

/** @returns the sha256 digest of `bytes` */
export function sha256(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest
}

/** @returns whether `bytes` have this digest, under the digest's own algorithm */
export function matches(digest: Digest, bytes: Uint8Array): boolean {
  const [algorithm = '', hex] = digest.split(':')
  return createHash(algorithm).update(bytes).digest('hex') === hex
}

/**
 * Finds every digest in the text of a manifest of unknown kind.
 *
 * @returns each digest once, in order of appearance
 */
export function digestsWrittenIn(text: string): Digest[] {
  const hex = new Set(text.match(WRITTEN) ?? [])
  return [...hex].map((each) => `${each.length === 64 ? 'sha256' : 'sha512'}:${each}` as Digest)
}

/** @returns the digest cut to 12 hex digits, for a line of text */
export function short(digest: string): string {
  const [algorithm, hex = ''] = digest.split(':')
  return `${algorithm}:${hex.slice(0, 12)}`
}
