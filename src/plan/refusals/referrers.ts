import type { Survey, Target } from '../../survey/facts.js'
import type { Selected } from '../select.js'

/** What refers to something that goes has to go with it, so it has to be known. */
export function referrers(target: Target, survey: Survey, { manifests }: Selected): string[] {
  const { repository } = target
  const refusals: string[] = []
  for (const { digest } of manifests) {
    const unclear = survey.referrersUnclear.get(digest)
    if (unclear !== undefined)
      refusals.push(`What refers to ${repository}@${digest}, which was to go, cannot be told: ${unclear}`)
    for (const referrer of survey.referrers.get(digest) ?? []) {
      const missing = survey.missing.get(referrer)
      if (missing === undefined || missing.is === 'missing') continue
      refusals.push(
        `${repository}@${referrer} refers to ${digest}, which was to go, and cannot be read: ${missing.why}`,
      )
    }
  }
  return [...refusals, ...survey.twinsUnclear]
}
