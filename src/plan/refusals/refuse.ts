import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { Survey } from '../../survey/facts.js'
import type { Asked, Rules } from '../plan.js'
import type { Problem } from '../problem.js'
import type { LeftBehind } from '../problems/plan.js'
import type { Selected } from '../select/select.js'
import { access } from './access.js'
import { aliases } from './aliases.js'
import { deletion, untagging } from './deletion.js'
import { named } from './named.js'
import { referrers } from './referrers.js'
import { remarks } from './remarks.js'
import { togetherIn, withLines } from './together.js'
import { unreadable } from './unreadable.js'

/** The input for the decision whether to refuse the plan for one repository. */
export interface Question {
  readonly target: Asked
  readonly survey: Survey
  readonly selected: Selected
  readonly rules: Rules
}

/** The refusals and warnings of a plan. */
export interface Objections {
  readonly refusals: readonly Problem[]
  readonly warnings: readonly Problem[]
  /** Items that cannot be read and are ignored. */
  readonly ignored: ReadonlySet<Tag | Digest>
}

/** Finds every reason why a plan must not be carried out, and its warnings. */
export function refuse(question: Question): Objections {
  const { target, survey, selected, rules } = question
  const { remaining, holders, whole } = selected
  const probed = deletion(target.repository, survey, rules)
  // The survey probes whether a label can be removed alone only if the plan may need that.
  const labels = untagging(target.repository, survey, rules)
  const blind = unreadable({ survey, remaining, holders, image: whole.manifests }, rules)
  const refusals = [
    ...named(question),
    ...blind.refusals,
    ...aliases(question),
    ...referrers(survey, selected),
    ...shared(question),
    ...probed.refusals,
    ...labels.refusals,
    ...access(survey),
  ]
  return {
    refusals: withLines(refusals, () => togetherIn(question)),
    warnings: [...remarks(survey, selected), ...blind.warnings, ...probed.warnings, ...labels.warnings],
    ignored: blind.ignored,
  }
}

function shared({ target, selected: { kept }, rules }: Question): LeftBehind[] {
  if (rules.sharedBlobs === 'keep' || kept.length === 0) return []
  return [
    {
      kind: 'shared-blobs',
      repository: target.repository,
      kept: kept.map(({ digest, heldBy }) => ({ digest, heldBy })),
      furtherTags: rules.furtherTags,
    },
  ]
}
