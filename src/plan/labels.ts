import { Holders } from './holders.js'
import type { Case, RepositoryPlan, Rules } from './plan.js'
import { access } from './refusals/access.js'
import { untagging } from './refusals/deletion.js'
import { namedLabels } from './refusals/named.js'
import { dangling } from './refusals/remarks.js'
import { unreadable } from './refusals/unreadable.js'
import { askedTags, pointersOf, remainingTags } from './select/tags.js'

/** Makes the plan for one repository with `scope: tag`: only labels are deleted, and everything else is kept. */
export function planLabels({ target, survey }: Case, rules: Rules): RepositoryPlan {
  const { repository } = target
  const tags = askedTags(target, survey).map((each) => ({
    ...each,
    onlyLabel: each.onlyLabel ?? ({ kind: 'scope-tag' } as const),
  }))
  const remaining = remainingTags(target, survey, rules)
  const pointers = pointersOf(remaining)
  for (const { tag, digest } of tags) if (digest !== undefined) pointers.set(tag, digest)
  const holders = new Holders(pointers, survey, new Set())
  const blind = unreadable({ survey, remaining, holders, image: new Set() }, rules)
  const needed = tags.some(({ digest }) => digest !== undefined)
  const possible = needed ? untagging(repository, survey, rules) : { refusals: [], warnings: [] }
  const way = survey.untagging?.is === 'possible' ? survey.untagging.way : undefined
  return {
    repository,
    scope: 'tag',
    tags,
    manifests: [],
    blobs: [],
    kept: [],
    remaining,
    ...(needed && way !== undefined && { way }),
    ignored: blind.ignored,
    image: new Set(),
    refusals: [
      ...namedLabels(target, survey, rules),
      ...blind.refusals,
      ...possible.refusals,
      ...access(survey),
    ],
    warnings: [...dangling(remaining, survey), ...blind.warnings, ...possible.warnings],
  }
}
