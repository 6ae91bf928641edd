import type { Tag } from '../../oci/tag.js'

/** Whether a tag list hides tags, by its names and their order. */
export type Shape =
  /** It hides none: it has a tag that it would hide, or an order that no walk over storage keys has. */
  | 'whole'
  /** It is in the order of storage keys, not of names. */
  | 'keys'
  /** Both orders are the same for this list. */
  | 'open'

/** A name that continues with one of these sorts behind the folder `<tag>/`; `-` and `.` sort before it. */
const HIDDEN_NEXT = /^[0-9A-Za-z_]/

/** @returns whether a list that names `tag` would hide `other` on distribution 3.1.1 on S3 */
export function hides(tag: Tag, other: Tag): boolean {
  return other.startsWith(tag) && HIDDEN_NEXT.test(other.slice(tag.length))
}

/**
 * Finds out by its order how a list was made. Distribution 3.1.0 and 3.1.1 on S3 walk over the keys `<tag>/…`, and skip
 * every key that begins with the name of the current tag, not only the keys in its folder (distribution#4891).
 *
 * @param tags in the registry's order
 */
export function shapeOf(tags: readonly Tag[]): Shape {
  const names = new Set(tags)
  if (tags.some((tag) => isHideable(tag, names))) return 'whole'
  const keys = tags.map((tag) => `${tag}/`)
  if (!isSorted(keys)) return 'whole'
  return isSorted(tags) ? 'open' : 'keys'
}

function isHideable(tag: Tag, names: ReadonlySet<string>): boolean {
  for (let end = 1; end < tag.length; end++)
    if (HIDDEN_NEXT.test(tag.charAt(end)) && names.has(tag.slice(0, end))) return true
  return false
}

/** Tags are ASCII, so the order of UTF-16 units is that of bytes. */
function isSorted(names: readonly string[]): boolean {
  return names.every((name, at) => at === 0 || (names[at - 1] ?? '') < name)
}
