import type { Settings } from '../config/settings.js'
import type { Rules } from '../plan/plan.js'

/** @returns what of the settings decides, besides what was named or selected */
export function rulesOf(settings: Settings): Rules {
  const { origin, scope, unreadableTags, sharedBlobs, protectedTags, dryRun, approved, cleanup } = settings
  return {
    registry: origin,
    scope,
    unreadableTags,
    sharedBlobs,
    protectedTags,
    dryRun,
    ...(approved !== undefined && { approved }),
    ...(cleanup !== undefined && {
      cleanup: true,
      keepNewest: cleanup.keepNewest,
      maxDeletions: cleanup.maxDeletions,
    }),
  }
}
