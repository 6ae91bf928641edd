import { guards } from '../oci/glob.js'
import { subjectKey, type Tag } from '../oci/tag.js'
import { fingerprint } from './fingerprint.js'
import { planLabels } from './labels.js'
import type { Case, Plan, RepositoryPlan, Rules } from './plan.js'
import { refuse } from './refuse.js'
import { select } from './select.js'

/**
 * Decides, for every digest of what was named, whether it goes or stays and why, and refuses what must not be.
 * A pure function: the same facts give the same plan, in whatever order they came in.
 *
 * @param cases what was named or selected and what is there, a repository each
 * @param rules what the user decided
 * @param idle the tags of further repositories of the run, in which nothing was selected
 */
export function plan(cases: readonly Case[], rules: Rules, idle: readonly (readonly Tag[])[] = []): Plan {
  const repositories = cases.map((each) => planRepository(each, rules))
  // In a cleanup what is refused in one repository is not done there, so nobody approves it.
  const going =
    rules.cleanup === true ? repositories.filter((each) => each.refusals.length === 0) : repositories
  const print = fingerprint(rules, going)
  const unmatched = rules.protectedTags.filter(
    (glob) =>
      !repositories.some(({ remaining }) => remaining.some(({ tag }) => guards(glob, tag))) &&
      !idle.some((tags) => tags.some((tag) => guards(glob, tag))),
  )
  const refusals = tooMany(going, rules)
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

/** Tags that belong to an image by their name do not count: they go with it. */
function tooMany(going: readonly RepositoryPlan[], { maxDeletions }: Rules): string[] {
  const tags = going.flatMap(({ tags }) => tags.filter(({ tag }) => subjectKey(tag) === undefined))
  if (maxDeletions === undefined || tags.length <= maxDeletions) return []
  const most = [...going].sort((one, other) => other.tags.length - one.tags.length)[0]
  return [
    `max-deletions: the plan would delete ${tags.length} ${tags.length === 1 ? 'tag' : 'tags'} in ${going.length} ${going.length === 1 ? 'repository' : 'repositories'} (most of them in ${most?.repository ?? ''}), and ${maxDeletions} are allowed. Read the plan above; if it is right, raise \`max-deletions\` to ${tags.length}, or select less`,
  ]
}

/** Decides for one repository. */
export function planRepository({ target, survey, selection }: Case, rules: Rules): RepositoryPlan {
  const more = selection === undefined ? {} : { selection }
  if (rules.scope === 'tag') return { ...planLabels({ target, survey }, rules), ...more }
  const selected = select(target, survey, rules)
  const { tags, manifests, blobs, kept, remaining, image } = selected
  const way = survey.untagging?.is === 'possible' ? survey.untagging.way : undefined
  return {
    repository: target.repository,
    scope: 'image',
    tags,
    manifests,
    blobs,
    kept,
    remaining,
    image,
    ...(way !== undefined && { way }),
    ...more,
    ...refuse(target, survey, selected, rules),
  }
}
