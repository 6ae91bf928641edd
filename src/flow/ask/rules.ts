import type { Settings } from '../../config/settings.js'
import type { Rules } from '../../plan/plan.js'

/** What differs between the two ways to ask. */
type Manner = Pick<Rules, 'together' | 'tagsOnReferrers' | 'furtherTags'>

/** The user named images: one refusal refuses all, and everything that belongs to an image goes with it. */
export const NAMED: Manner = { together: true, tagsOnReferrers: 'delete', furtherTags: 'name-them' }

/**
 * The rules if patterns select the images: each repository is refused on its own, and attached tags are deleted only if
 * their names show what they belong to.
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
