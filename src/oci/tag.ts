import type { Digest } from './digest.js'

/** A tag that matches the grammar of the specification, so it cannot contain white space, markup or a command. */
export type Tag = string & { readonly __tag: unique symbol }

/** OCI distribution-spec 1.1, "Pulling manifests": the grammar of a tag. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** The referrers tag of the specification, whose encoded part has at most 64 characters, and three tags of cosign. */
const DERIVED = /^((?:sha256|sha512)-[0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/

/** @returns the tag, or undefined if `text` does not match the grammar */
export function parseTag(text: unknown): Tag | undefined {
  return typeof text === 'string' && TAG.test(text) ? (text as Tag) : undefined
}

/**
 * Finds the tag under which Helm stores a chart's version: with `_` for `+`, which separates the build in a version and
 * which no tag can hold.
 *
 * @returns undefined if `version` has no `+`, or would not be a tag with `_` either
 */
export function storedByHelm(version: string): Tag | undefined {
  return version.includes('+') ? parseTag(version.replaceAll('+', '_')) : undefined
}

/** @returns those of the tags that differ from a name only by case, or by `.`, `_` and `-` in place of each other */
export function alike(name: Tag, tags: readonly Tag[]): Tag[] {
  const fold = (tag: string): string => tag.toLowerCase().replaceAll(/[._-]/g, '-')
  const folded = fold(name)
  return tags.filter((tag) => tag !== name && fold(tag) === folded)
}

/**
 * Finds the manifest that a tag belongs to by its name: `sha256-<hex>`, also with `.sig`, `.att` or `.sbom`.
 *
 * @returns the key of the manifest, as `keyOf` returns it; undefined for any other tag
 */
export function subjectKey(tag: string): string | undefined {
  return DERIVED.exec(tag)?.[1]
}

/** @returns the prefix of all tags that belong to this manifest by their name (distribution-spec 1.1, end-12) */
export function keyOf(digest: Digest): string {
  const [algorithm = '', hex = ''] = digest.split(':')
  return `${algorithm}-${hex.slice(0, 64)}`
}
