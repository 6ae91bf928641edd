import type { UnknownDate, UnreadManifest, UnreadReferrers } from '../../survey/problem.js'
import type { Selection, Unselected } from '../plan.js'
import type { ContentDoubt, StayReason } from '../reason.js'

/** The matching tags that stay because requests for them failed. */
export interface Unread {
  /** In the order of the selection; not empty. */
  readonly tags: readonly Unselected[]
  /** Whether no matching tag could be judged at all. Then the selection is empty for no good reason. */
  readonly all: boolean
}

/**
 * Finds the matching tags that stay only because the registry, or its storage, did not respond or returned an error. A tag
 * that was read and has no usable date is not among them.
 *
 * @param selected how many tags are selected
 * @param ignores whether `unreadable-tags: ignore` counts tags that cannot be read as broken
 * @returns undefined if no request failed
 */
export function unreadIn(
  { unselected }: Pick<Selection, 'unselected'>,
  selected: number,
  ignores: boolean,
): Unread | undefined {
  const isOpen = ({ because }: Unselected): boolean => !(ignores && because.kind === 'unreadable')
  const tags = unselected.filter((each) => isOpen(each) && isFailure(each.because))
  const all = selected === 0 && !unselected.some(({ because }) => isJudged(because))
  if (tags.length > 0) return { tags, all }
  // If nothing at all could be judged, responses that cannot be used count as well: a login page returns 200 for everything.
  const useless = all ? unselected.filter((each) => isOpen(each) && isUseless(each.because)) : []
  return useless.length === 0 ? undefined : { tags: useless, all }
}

/** @returns whether the reason shows that the registry responded with what was needed */
function isJudged(reason: StayReason): boolean {
  switch (reason.kind) {
    case 'among-newest':
    case 'too-young':
    case 'date-meaningless':
    case 'date-in-future':
    case 'label-not-removable':
      return true
    case 'content-unknown':
      return !isFailure(reason)
    case 'date-unknown':
      return reason.why?.is === 'malformed'
    case 'dangling':
    case 'unreadable':
    case 'protected':
      return false
  }
}

function isFailure(reason: StayReason): boolean {
  switch (reason.kind) {
    case 'unreadable':
      return isFailedRead(reason.why)
    case 'date-unknown':
      return reason.why !== undefined && isFailedDate(reason.why)
    case 'content-unknown':
      return isFailedDoubt(reason.doubt)
    default:
      return false
  }
}

/** @returns whether a response came, but not what was requested */
function isUseless(reason: StayReason): boolean {
  if (reason.kind === 'unreadable') return isUselessRead(reason.why)
  if (reason.kind !== 'date-unknown' || reason.why === undefined) return false
  const { why } = reason
  if (why.is === 'unread-manifest') return why.why !== undefined && isUselessRead(why.why)
  return why.is === 'other-bytes' || why.is === 'missing-config'
}

function isUselessRead(why: UnreadManifest): boolean {
  return why.is === 'other-bytes' || (why.is === 'unusable' && why.flaw.is === 'no-object')
}

function isFailedDoubt(doubt: ContentDoubt): boolean {
  if (doubt.kind === 'referrers-unclear') return isFailedRead(doubt.why)
  return 'why' in doubt && isFailedRead(doubt.why)
}

function isFailedRead({ is }: UnreadManifest | UnreadReferrers): boolean {
  return is === 'unanswered' || is === 'refused' || is === 'foreign' || is === 'cut-off'
}

function isFailedDate(why: UnknownDate): boolean {
  if (why.is === 'unread-manifest') return why.why !== undefined && isFailedRead(why.why)
  return why.is === 'unanswered' || why.is === 'refused'
}
