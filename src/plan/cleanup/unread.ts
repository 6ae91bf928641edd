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
  const isUnread = ({ because }: Unselected): boolean =>
    isFailure(because) && !(ignores && because.kind === 'unreadable')
  const tags = unselected.filter(isUnread)
  if (tags.length === 0) return undefined
  return { tags, all: selected === 0 && !unselected.some(({ because }) => isJudged(because)) }
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
