import type { Survey } from '../../survey/facts.js'
import type { Problem } from '../problem.js'
import type { Selected } from '../select/select.js'

/** Finds deleted manifests whose referrers are unknown: the referrers must be deleted as well. */
export function referrers(survey: Survey, { manifests }: Pick<Selected, 'manifests'>): Problem[] {
  const { repository } = survey
  const problems: Problem[] = []
  for (const { digest: subject } of manifests) {
    const unclear = survey.referrersUnclear.get(subject)
    if (unclear !== undefined) problems.push({ kind: 'referrers-unclear', repository, subject, why: unclear })
    for (const digest of survey.referrers.get(subject) ?? []) {
      const missing = survey.missing.get(digest)
      if (missing === undefined || missing.is === 'missing') continue
      problems.push({ kind: 'referrer-unreadable', repository, digest, subject, why: missing.why })
    }
  }
  return [...problems, ...survey.twinsUnclear]
}
