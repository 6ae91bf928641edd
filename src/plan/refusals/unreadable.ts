import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { Missing, Survey } from '../../survey/facts.js'
import type { Selected } from '../select.js'

/** What cannot be read cannot be known, so nothing may be deleted that it might need. */
export function unreadable(survey: Survey, { remaining, holders }: Selected): string[] {
  const refusals: string[] = []
  const name = (tag: Tag): string => `${survey.repository}:${tag}`
  const way =
    'What it needs is unknown, so nothing can be deleted safely. Repair or delete it, or name it in `image` too'
  const blind = new Map<Digest, Missing>()
  for (const [digest, missing] of survey.missing) if (holders.held.has(digest)) blind.set(digest, missing)
  for (const { tag, protected: guarded } of remaining) {
    const state = survey.tags.get(tag)
    if (state?.is === 'unreadable')
      refusals.push(`${name(tag)} stays, but cannot be read: ${state.why}. ${way}`)
    if (state?.is === 'lie')
      refusals.push(`${name(tag)} stays, but the registry's answer cannot be true: ${state.why}`)
    if (state?.is === 'unknown' && guarded)
      refusals.push(`${name(tag)} is in protected-tags, but its manifest is unknown to the registry. ${way}`)
  }
  for (const [digest, tags] of holders.of(new Set(blind.keys()))) {
    const missing = blind.get(digest)
    const why =
      missing === undefined || missing.is === 'missing' ? 'it is unknown to the registry' : missing.why
    refusals.push(
      `${tags.map(name).join(', ')} needs the manifest ${digest}, which cannot be read: ${why}. ${way}`,
    )
  }
  for (const why of survey.referrersUnclear)
    refusals.push(`What refers to an image of ${survey.repository} cannot be told: ${why}`)
  return refusals
}
