import type { Settings } from '../../config/settings.js'
import type { Rules } from '../../plan/plan.js'

/** What differs between the two ways to ask. */
type Manner = Pick<Rules, 'together' | 'tagsOnReferrers' | 'furtherTags'>

/** The user named images: one refusal refuses all, and everything that belongs to an image goes with it. */
export const NAMED: Manner = { together: true, tagsOnReferrers: 'delete', furtherTags: 'name-them' }

/** Patterns selected images: each repository stands alone, and only tags that show it by their names go along. */
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
