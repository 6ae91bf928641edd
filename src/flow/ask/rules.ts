import type { Settings } from '../../config/settings.js'
import type { Rules } from '../../plan/plan.js'

/** The rules that differ between an incident and a cleanup. */
type Manner = Pick<Rules, 'together' | 'tagsOnReferrers' | 'furtherTags'>

/** The rules if the user named images: one refusal refuses all, and everything attached to an image is deleted with it. */
export const NAMED: Manner = { together: true, tagsOnReferrers: 'delete', furtherTags: 'name-them' }

/**
 * The rules if patterns select the images: each repository is refused on its own, and an attached tag is deleted only if
 * its name shows that it is attached.
 */
export const SELECTED: Manner = { together: false, tagsOnReferrers: 'keep', furtherTags: 'run-again' }

/** @returns the rules of a run */
export function rulesOf(settings: Settings, manner: Manner): Rules {
  const { origin, scope, unreadableTags, sharedBlobs, protectedTags, dryRun, approved } = settings
  return {
    ...manner,
    registry: origin,
    scope,
    unreadableTags,
    sharedBlobs,
    protectedTags,
    dryRun,
    ...(approved !== undefined && { approved }),
  }
}
