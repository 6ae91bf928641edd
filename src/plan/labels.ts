import { Holders } from './holders.js'
import type { Case, RepositoryPlan, Rules } from './plan.js'
import { dangling } from './refuse.js'
import { untagging } from './refusals/deletion.js'
import { namedLabels } from './refusals/named.js'
import { unreadable } from './refusals/unreadable.js'
import { namedTags, pointersOf, remainingTags } from './select.js'

const ASKED = '`scope: tag` leaves its manifest'

/**
 * Decides for one repository where only labels go (`scope: tag`): the manifests under them, and everything else, stay.
 */
export function planLabels({ target, survey }: Case, rules: Rules): RepositoryPlan {
  const tags = namedTags(target, survey).map((each) => ({ ...each, onlyLabel: each.onlyLabel ?? ASKED }))
  const remaining = remainingTags(target, survey, rules.protectedTags, rules.cleanup ?? false)
  const pointers = pointersOf(remaining)
  for (const { tag, digest } of tags) if (digest !== undefined) pointers.set(tag, digest)
  const holders = new Holders(pointers, survey, new Set())
  const blind = unreadable(survey, remaining, holders, rules)
  const needed = tags.some(({ digest }) => digest !== undefined)
  const possible = needed ? untagging(target, survey, rules) : { refusals: [], warnings: [] }
  const way = survey.untagging?.is === 'possible' ? survey.untagging.way : undefined
  return {
    repository: target.repository,
    scope: 'tag',
    tags,
    manifests: [],
    blobs: [],
    kept: [],
    remaining,
    ...(needed && way !== undefined && { way }),
    ignored: blind.ignored,
    image: new Set(),
    refusals: [...namedLabels(target, survey, 'tag'), ...blind.refusals, ...possible.refusals],
    warnings: [...dangling(remaining, survey), ...blind.warnings, ...possible.warnings],
  }
}
