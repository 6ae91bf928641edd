/** Compares by code units: the same on every machine, whatever its locale. */
export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** Compares by tag. */
export function byTag(one: { readonly tag: string }, other: { readonly tag: string }): number {
  return compare(one.tag, other.tag)
}

/** Compares by digest. */
export function byDigest(one: { readonly digest: string }, other: { readonly digest: string }): number {
  return compare(one.digest, other.digest)
}
