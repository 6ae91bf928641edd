import type { Digest } from './digest.js'

/** A tag that fits the grammar of the specification, so it cannot carry white space, markup or a command. */
export type Tag = string & { readonly __tag: unique symbol }

/** OCI distribution-spec 1.1, "Pulling manifests": the grammar of a tag. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** The referrers tag of the specification (the encoded part is cut to 64 signs there), and the three tags of cosign. */
const DERIVED = /^((?:sha256|sha512)-[0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/

/** @returns the tag, or undefined when `text` does not fit the grammar. */
export function parseTag(text: unknown): Tag | undefined {
  return typeof text === 'string' && TAG.test(text) ? (text as Tag) : undefined
}

/**
 * @returns for a tag that belongs to a manifest by its name (`sha256-<hex>`, `.sig`, `.att`, `.sbom`) the key of that
 * manifest, to be compared with `keyOf`; undefined for every other tag
 */
export function subjectKey(tag: string): string | undefined {
  return DERIVED.exec(tag)?.[1]
}

/** @returns what the tags begin with that belong to this manifest by their name (distribution-spec 1.1, end-12) */
export function keyOf(digest: Digest): string {
  const [algorithm = '', hex = ''] = digest.split(':')
  return `${algorithm}-${hex.slice(0, 64)}`
}
