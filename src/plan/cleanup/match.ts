import type { Digest } from '../../oci/digest.js'
import { guards, type Glob } from '../../oci/glob.js'
import { subjectKey, type Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'
import { compare } from '../order.js'
import type { Unselected } from '../plan.js'

/** What selects by name. */
export interface Patterns {
  readonly globs: readonly Glob[]
  readonly except: readonly Glob[]
  readonly protectedTags: readonly Glob[]
}

/** One image with the tags on it that match; all sorted. */
export interface Image {
  readonly digest: Digest
  /** Those that may go; none where only protected ones match. */
  readonly tags: readonly Tag[]
}

/** What matches by name. */
export interface Matched {
  /** By digest. */
  readonly images: ReadonlyMap<Digest, Image>
  /** What matches and stays, since it is protected or does not resolve. */
  readonly unselected: readonly Unselected[]
}

/**
 * Finds the tags that match, and the images under them: however many tags an image has, it is one. Only what is listed is
 * looked at, in an order that does not depend on the list's. Tags that belong to an image by their name never match:
 * they go and stay with it.
 */
export function match(facts: Facts, { globs, except, protectedTags }: Patterns): Matched {
  const images = new Map<Digest, { digest: Digest; tags: Tag[] }>()
  const unselected: Unselected[] = []
  const matching = facts.listed.filter((tag) => matches(tag, globs) && !matches(tag, except))
  for (const tag of matching.sort(compare)) {
    const state = facts.tags.get(tag)
    if (state === undefined || state.is === 'unknown')
      unselected.push({
        tag,
        because: 'its manifest is unknown to the registry: it was broken before this run',
      })
    else if (state.is !== 'resolved') unselected.push({ tag, because: `it cannot be read: ${state.why}` })
    else {
      const { digest } = state
      const image = images.get(digest) ?? { digest, tags: [] }
      images.set(digest, image)
      const guard = protectedTags.find((glob) => guards(glob, tag))
      if (guard === undefined) image.tags.push(tag)
      else unselected.push({ tag, digest, because: `protected-tags: ${guard.text}` })
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
