import type { Digest } from '../../oci/digest.js'
import { guards, type Glob } from '../../oci/glob.js'
import { subjectKey, type Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'
import { compare } from '../order.js'
import type { Unselected } from '../plan.js'

/** The criteria by name. */
export interface Patterns {
  readonly globs: readonly Glob[]
  readonly except: readonly Glob[]
  readonly protectedTags: readonly Glob[]
}

/** An image, with the matching tags that point to it, sorted. */
export interface Image {
  readonly digest: Digest
  /** The tags that may be deleted. Empty if only protected tags match. */
  readonly tags: readonly Tag[]
}

/** The images and tags that match by name. */
export interface Matched {
  /** By digest. */
  readonly images: ReadonlyMap<Digest, Image>
  /** Matching tags that are kept, because they are protected or do not resolve. */
  readonly unselected: readonly Unselected[]
}

/**
 * Finds the listed tags that match, and their images. Tags that are attached to an image by their name never
 * match: they are deleted or kept with it. The result does not depend on the order of the list.
 */
export function match(facts: Facts, { globs, except, protectedTags }: Patterns): Matched {
  const images = new Map<Digest, { digest: Digest; tags: Tag[] }>()
  const unselected: Unselected[] = []
  const matching = facts.listed.filter((tag) => matches(tag, globs) && !matches(tag, except))
  for (const tag of matching.sort(compare)) {
    const state = facts.tags.get(tag)
    if (state === undefined || state.is === 'unknown') unselected.push({ tag, because: { kind: 'dangling' } })
    else if (state.is !== 'resolved')
      unselected.push({ tag, because: { kind: 'unreadable', why: state.why } })
    else {
      const { digest } = state
      const image = images.get(digest) ?? { digest, tags: [] }
      images.set(digest, image)
      const guard = protectedTags.find((glob) => guards(glob, tag))
      if (guard === undefined) image.tags.push(tag)
      else unselected.push({ tag, digest, because: { kind: 'protected', pattern: guard.text } })
    }
  }
  return { images, unselected }
}

/** @returns the globs that match no tag of any of these lists */
export function unmatched(globs: readonly Glob[], lists: readonly (readonly Tag[])[]): Glob[] {
  return globs.filter((glob) => !lists.some((list) => list.some((tag) => matches(tag, [glob]))))
}

function matches(tag: Tag, globs: readonly Glob[]): boolean {
  return subjectKey(tag) === undefined && globs.some((glob) => glob.matches(tag))
}
