import { guards } from '../oci/glob.js'
import { subjectKey, type Tag } from '../oci/tag.js'
import { fingerprint } from './fingerprint.js'
import { planLabels } from './labels.js'
import type { Case, Plan, RepositoryPlan, Rules } from './plan.js'
import type { PlanProblem } from './problems/plan.js'
import { refuse } from './refusals/refuse.js'
import { joinLines } from './refusals/together.js'
import { select } from './select/select.js'

/**
 * Decides which digests to delete and which to keep, and refuses plans that are not safe. A pure function: the same facts
 * give the same plan, whatever their order.
 *
 * @param cases one for each repository: the items to delete, and the survey
 * @param rules the user's decisions
 * @param idle the tags of the other repositories of the run, in which nothing was selected
 */
export function plan(cases: readonly Case[], rules: Rules, idle: readonly (readonly Tag[])[] = []): Plan {
  const own = cases.map((each) => planRepository(each, rules))
  const repositories = rules.together ? joinLines(own, cases) : own
  // A refused plan is not carried out, so it is not part of what the user approves.
  const going = rules.together ? repositories : repositories.filter(({ refusals }) => refusals.length === 0)
  const print = fingerprint(rules, going)
  const { approved } = rules
  const unmatched = unmatchedProtection(repositories, rules, idle)
  const differs: PlanProblem[] =
    approved === undefined || approved === print
      ? []
      : [{ kind: 'fingerprint-differs', fingerprint: print, approved }]
  return {
    repositories,
    fingerprint: print,
    refusals: [...tooMany(going, rules), ...(approved === undefined ? unmatched : []), ...differs],
    warnings: approved === undefined ? [] : unmatched,
  }
}

function unmatchedProtection(
  repositories: readonly RepositoryPlan[],
  { protectedTags }: Rules,
  idle: readonly (readonly Tag[])[],
): PlanProblem[] {
  return protectedTags
    .filter(
      (glob) =>
        !repositories.some(({ remaining }) => remaining.some(({ tag }) => guards(glob, tag))) &&
        !idle.some((tags) => tags.some((tag) => guards(glob, tag))),
    )
    .map(({ text }) => ({ kind: 'protected-tags-match-nothing', pattern: text }))
}

/** Does not count tags that are attached to an image by their name: they are deleted with it. */
function tooMany(going: readonly RepositoryPlan[], { maxDeletions }: Rules): PlanProblem[] {
  const tags = going.flatMap(({ tags }) => tags.filter(({ tag }) => subjectKey(tag) === undefined))
  const most = [...going].sort((one, other) => other.tags.length - one.tags.length)[0]
  if (maxDeletions === undefined || most === undefined || tags.length <= maxDeletions) return []
  return [
    {
      kind: 'max-deletions',
      tags: tags.length,
      allowed: maxDeletions,
      repositories: going.length,
      most: most.repository,
    },
  ]
}

/** Makes the plan for one repository. */
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
    ...refuse({ target, survey, selected, rules }),
  }
}
