import { parseDigest, type Digest } from './digest.js'

/** A tag that fits the grammar of the specification, so it cannot carry white space, markup or a command. */
export type Tag = string & { readonly __tag: unique symbol }

/** OCI distribution-spec 1.1, "Pulling manifests": the grammar of a tag. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** The referrers tag of the specification, and the three tags of cosign. */
const DERIVED = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/

/** @returns the tag, or undefined when `text` does not fit the grammar. */
export function parseTag(text: unknown): Tag | undefined {
  return typeof text === 'string' && TAG.test(text) ? (text as Tag) : undefined
}

/**
 * @returns the digest of the manifest to which a tag belongs by its name (`sha256-<hex>`, `.sig`, `.att`, `.sbom`), or
 * undefined for every other tag.
 */
export function subjectByName(tag: string): Digest | undefined {
  const hex = DERIVED.exec(tag)?.[1]
  return hex === undefined ? undefined : parseDigest(`sha256:${hex}`)
}
