import type { Digest } from '../oci/digest.js'
import { subjectByName, type Tag } from '../oci/tag.js'
import type { Facts } from '../survey/facts.js'
import { Holders } from './holders.js'
import type { Kept, RepositoryPlan } from './plan.js'

/** What a later look means for a plan that is being carried out. */
export interface Reconsidered {
  /** Planned to go, but a tag needs it now: it stays. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  /** Kept so far, but no tag needs it any more: it goes. */
  readonly released: readonly Kept[]
  /** Named tags that point elsewhere now, and absent ones that came back: they are somebody's new push. */
  readonly moved: readonly { readonly tag: Tag; readonly digest: Digest }[]
  /** Remaining tags without a manifest at the survey that resolve now. */
  readonly revived: readonly Tag[]
  /** Why what the tags need cannot be known. With any of these nothing more may be deleted. */
  readonly unsure: readonly string[]
}

/**
 * Asks of fresh facts whether a plan still holds (safety rules 6 and 9): what a look finds anew stays, with all it
 * needs; what nobody holds any more goes.
 *
 * @param plan the repository's plan
 * @param facts every tag as it is now
 */
export function reconsider(plan: RepositoryPlan, facts: Facts): Reconsidered {
  const purged = new Map(plan.tags.map((each) => [each.tag, each]))
  const before = new Map(plan.remaining.map((each) => [each.tag, each]))
  const named = new Set(plan.manifests.filter((each) => each.named).map(({ digest }) => digest))
  const listed = new Set(facts.listed)
  const pointers = new Map<Tag, Digest>()
  const moved: { tag: Tag; digest: Digest }[] = []
  const revived: Tag[] = []
  const unsure: string[] = []
  for (const [tag, state] of facts.tags) {
    const own = purged.get(tag)
    if (state.is === 'resolved') {
      // The tag that goes still shows its manifest where the registry cannot delete it by name: that holds nothing.
      if (own !== undefined && own.digest === state.digest) continue
      if (own !== undefined) moved.push({ tag, digest: state.digest })
      const known = before.get(tag)
      if (known !== undefined && known.digest === undefined) revived.push(tag)
      pointers.set(tag, state.digest)
    } else if (state.is === 'unknown') {
      const known = before.get(tag)
      // Listed and yet unknown, though it resolved before: a replica lags behind, so what it needed is still needed.
      if (known?.digest !== undefined && listed.has(tag)) pointers.set(tag, known.digest)
      if (known?.protected === true)
        unsure.push(
          `${plan.repository}:${tag} is in protected-tags, but its manifest is unknown to the registry now`,
        )
    } else unsure.push(`${plan.repository}:${tag} cannot be read now: ${state.why}`)
  }
  const holders = new Holders(pointers, facts, named)
  for (const [digest, missing] of facts.missing) {
    if (!holders.held.has(digest)) continue
    const why = missing.is === 'missing' ? 'it is unknown to the registry' : missing.why
    unsure.push(`a remaining tag of ${plan.repository} needs ${digest}, which cannot be read: ${why}`)
  }
  unsure.push(...facts.referrersUnclear)

  const going = new Set([...plan.manifests, ...plan.blobs].map(({ digest }) => digest))
  // What a signature still belongs to is not released: referrers are not purged with their image yet.
  const signed = new Set([...pointers.keys()].map(subjectByName).filter((digest) => digest !== undefined))
  for (const [subject, referrers] of facts.referrers)
    if (referrers.some((referrer) => !plan.image.has(referrer))) signed.add(subject)
  return {
    left: holders.of(new Set([...going].filter((digest) => holders.held.has(digest)))),
    released: plan.kept.filter(({ digest }) => !holders.held.has(digest) && !signed.has(digest)),
    moved,
    revived,
    unsure,
  }
}
