import type { Item } from '../../plan/item.js'
import type { Detail, KeptBecause } from '../../plan/outcome.js'
import {
  describe,
  errorEntries,
  hasCode,
  isDenied,
  isUnknown,
  isUnsupportedForTags,
} from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'

/** How the removal of one item ended. */
export type Removal =
  | { readonly is: 'deleted'; readonly detail?: Detail }
  | { readonly is: 'already-gone'; readonly detail?: Detail }
  /** Not now, but perhaps after its parents. `forbidden`: with 403. */
  | { readonly is: 'refused'; readonly answered: string; readonly forbidden: boolean }
  /** `unsupported`: never in this way. `denied`: the registry does not accept the credentials. */
  | { readonly is: 'unsupported' | 'denied'; readonly answered: string }
  | { readonly is: 'failed' | 'unknown'; readonly detail: Detail }
  /** A tag needs it now, or it is a tag that somebody pushed again. */
  | { readonly is: 'kept'; readonly because: KeptBecause }

/** Judges by status and error code, since 405 alone has four meanings. @returns undefined if only a check can tell */
export function judge(response: Response, item: Item): Removal | undefined {
  const { status } = response
  const answered = describe(response)
  if (status >= 200 && status < 300) {
    const hasErrors = errorEntries(response.body).length > 0
    return { is: 'deleted', ...(hasErrors && { detail: { is: 'answered', answered } }) }
  }
  if (isUnknown(response)) return { is: 'already-gone' }
  if (status === 401) return { is: 'denied', answered }
  if (item.kind === 'tag' && isUnsupportedForTags(response)) return { is: 'unsupported', answered }
  if (status === 405 && !hasCode(response, 'DENIED')) return { is: 'unsupported', answered }
  // Still referenced or still tagged: 405 DENIED (zot), 409 (GitLab), 412 (Harbor), 400 or 403 (others).
  if ([400, 405, 409, 412].includes(status) || isDenied(response))
    return { is: 'refused', answered, forbidden: status === 403 }
  return undefined
}
