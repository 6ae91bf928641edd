import { guards } from '../oci/glob.js'
import { fingerprint } from './fingerprint.js'
import { planLabels } from './labels.js'
import type { Case, Plan, RepositoryPlan, Rules } from './plan.js'
import { refuse } from './refuse.js'
import { select } from './select.js'

/**
 * Decides, for every digest of what was named, whether it goes or stays and why, and refuses what must not be.
 * A pure function: the same facts give the same plan, in whatever order they came in.
 *
 * @param cases what was named and what is there, a repository each
 * @param rules what the user decided
 */
export function plan(cases: readonly Case[], rules: Rules): Plan {
  const repositories = cases.map((each) => planRepository(each, rules))
  const print = fingerprint(rules, repositories)
  const unmatched = rules.protectedTags.filter(
    (glob) => !repositories.some(({ remaining }) => remaining.some(({ tag }) => guards(glob, tag))),
  )
  const refusals: string[] = []
  const warnings: string[] = []
  for (const { text } of unmatched) {
    const sentence = `protected-tags: ${text} matches no tag that stays in any repository of this run`
    if (rules.approved === undefined) refusals.push(`${sentence}. Correct or remove the entry`)
    else warnings.push(sentence)
  }
  if (rules.approved !== undefined && rules.approved !== print)
    refusals.push(
      `approve: the plan's fingerprint is ${print}, and ${rules.approved} was approved. What was approved is no longer what would be deleted: read the plan above and approve it anew`,
    )
  return { repositories, fingerprint: print, refusals, warnings }
}

/** Decides for one repository. */
export function planRepository({ target, survey }: Case, rules: Rules): RepositoryPlan {
  if (rules.scope === 'tag') return planLabels({ target, survey }, rules)
  const selected = select(target, survey, rules.protectedTags)
  const { tags, manifests, blobs, kept, remaining, image } = selected
  return {
    repository: target.repository,
    scope: 'image',
    tags,
    manifests,
    blobs,
    kept,
    remaining,
    image,
    ...refuse(target, survey, selected, rules),
  }
}
