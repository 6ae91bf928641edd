import { createHash } from 'node:crypto'

/** A content digest in canonical form, such as `sha256:<64 lower-case hex>`. Made only by the functions here. */
export type Digest = string & { readonly __digest: unique symbol }

/**
 * The form is checked before anything is sent: distribution 3.x takes a malformed digest for a tag and answers 500,
 * so a digest that has not passed here must never reach a URL.
 */
const CANONICAL = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/**
 * Every digest written anywhere in a text, for manifests whose kind is not known: also by its hex digits alone, as in the
 * `{"sha256":"<hex>"}` of in-toto.
 */
const WRITTEN = /(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{128})(?![0-9a-f])/g

/**
 * The well-known empty blobs: `{}`, no bytes, and two gzipped empty tars. They hold no data, and untagged content that
 * no one can list shares them, so they are never deleted (safety rule 4).
 */
export const EMPTY_BLOBS: ReadonlySet<string> = new Set([
  'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4',
  'sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1',
])

/** @returns the digest, or undefined when `text` is not one in canonical form. */
export function parseDigest(text: unknown): Digest | undefined {
  return typeof text === 'string' && CANONICAL.test(text) ? (text as Digest) : undefined
}

/** @returns the sha256 digest of `bytes`. */
export function sha256(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest
}

/** @returns whether `bytes` are what `digest` names, under the digest's own algorithm. */
export function matches(digest: Digest, bytes: Uint8Array): boolean {
  const [algorithm = '', hex] = digest.split(':')
  return createHash(algorithm).update(bytes).digest('hex') === hex
}

/** @returns each digest written in `text`, once, in order of appearance. */
export function digestsWrittenIn(text: string): Digest[] {
  const hex = new Set(text.match(WRITTEN) ?? [])
  return [...hex].map((each) => `${each.length === 64 ? 'sha256' : 'sha512'}:${each}` as Digest)
}

/** @returns a digest short enough for a line of text, still unique in practice. */
export function short(digest: string): string {
  const [algorithm, hex = ''] = digest.split(':')
  return `${algorithm}:${hex.slice(0, 12)}`
}
