import { subjectByName } from '../../oci/tag.js'
import type { Survey, Target } from '../../survey/facts.js'
import type { Selected } from '../select.js'

/** Until they can be purged with their image, referrers are a reason to stop. */
export function referrers(
  target: Target,
  survey: Survey,
  { manifests, reach, remaining }: Selected,
): string[] {
  const going = new Set(manifests.map(({ digest }) => digest))
  const refusals: string[] = []
  const way = 'This version does not purge referrers with their image; name it in `image` too'
  for (const { tag } of remaining) {
    const subject = subjectByName(tag)
    if (subject !== undefined && going.has(subject))
      refusals.push(`${target.repository}:${tag} belongs to ${subject}, which was to go. ${way}`)
  }
  for (const { digest } of manifests) {
    for (const referrer of survey.referrers.get(digest) ?? []) {
      if (!reach.manifests.has(referrer))
        refusals.push(`${target.repository}@${referrer} refers to ${digest}, which was to go. ${way}`)
    }
  }
  return refusals
}
