import { subjectKey } from '../../oci/tag.js'
import type { Survey } from '../../survey/facts.js'
import type { Remaining } from '../plan.js'
import type { Remark } from '../problems/plan.js'
import type { Selected } from '../select/select.js'

/** Finds the warnings of a plan. */
export function remarks(survey: Survey, selected: Selected): Remark[] {
  const { repository } = survey
  const { tags, manifests, blobs, shared, remaining } = selected
  const gone = manifests.filter((each) => each.gone)
  const foreign = [...manifests, ...blobs].filter((each) => each.foreign)
  const along = tags.flatMap(({ tag, belongsTo }): Remark[] =>
    belongsTo === undefined || subjectKey(tag) !== undefined
      ? []
      : [{ kind: 'attached-tag-deleted', repository, tag, subject: belongsTo }],
  )
  return [
    // An empty repository looks the same as one that never existed, or that the user may not see.
    ...(survey.forgotten === true ? [{ kind: 'repository-forgotten', repository } as const] : []),
    ...gone.map(({ digest }) => ({ kind: 'manifest-gone', repository, digest }) as const),
    ...dangling(remaining, survey),
    ...along,
    ...shared.map((tag) => ({ kind: 'attached-tag-kept', repository, tag }) as const),
    ...foreign.map(({ digest }) => ({ kind: 'content-elsewhere', repository, digest }) as const),
  ]
}

/** Finds remaining tags that were broken before the run. */
export function dangling(remaining: readonly Remaining[], { repository, tags }: Survey): Remark[] {
  return remaining
    .filter((each) => tags.get(each.tag)?.is === 'unknown' && !each.protected)
    .map(({ tag }) => ({ kind: 'remaining-tag-dangles', repository, tag }))
}
