import type { Digest } from '../../oci/digest.js'
import { reach } from '../../oci/graph.js'
import type { Survey, Target } from '../../survey/facts.js'
import { appendTo } from '../multimap.js'
import type { NamedBy, PartOf } from '../naming.js'
import type { Rules } from '../plan.js'

type Naming = Pick<Rules, 'furtherTags'>

/** @returns how a digest was named; empty if it was not named itself */
export function namedBy(
  digest: Digest,
  { tags, digests, blobs }: Target,
  survey: Survey,
  { furtherTags }: Naming,
): NamedBy[] {
  const is = furtherTags === 'run-again' ? 'selected' : 'tag'
  const pointing = tags.filter((each) => {
    const state = survey.tags.get(each.tag)
    return (each.digest ?? (state?.is === 'resolved' ? state.digest : undefined)) === digest
  })
  return [
    ...pointing.map(({ tag }) => ({ is, tag }) as const),
    ...(digests.includes(digest) ? [{ is: 'digest', digest } as const] : []),
    ...(blobs.includes(digest) ? [{ is: 'blob' } as const] : []),
  ]
}

/**
 * Tells for manifests how they were named, or else the images that they are part of or refer to.
 *
 * @param roots the manifests that were named
 */
export function partsOf(
  roots: Iterable<Digest>,
  { target, survey, rules }: { readonly target: Target; readonly survey: Survey; readonly rules: Naming },
): (digest: Digest) => PartOf {
  const images = new Map<Digest, Digest[]>()
  for (const root of roots)
    for (const digest of reach([root], survey, true).manifests) appendTo(images, digest, root)
  const by = (digest: Digest): NamedBy[] => namedBy(digest, target, survey, rules)
  return (digest) => {
    const own = by(digest)
    return own.length > 0
      ? { itself: true, by: own }
      : { itself: false, by: (images.get(digest) ?? []).flatMap(by) }
  }
}
