import type { Item } from '../../plan/item.js'
import type { Detail, KeptBecause, RefusedBecause } from '../../plan/outcome.js'
import { meaningOf } from '../../registry/answers/classify.js'
import { describe, errorEntries, firstCode, isGone } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'

/** How the removal of one item ended. */
export type Removal =
  | { readonly is: 'deleted'; readonly detail?: Detail }
  | { readonly is: 'already-gone'; readonly detail?: Detail }
  | Refusal
  /** `unsupported`: the registry deletes no tag by its name. `denied`: it does not accept the credentials. */
  | { readonly is: 'unsupported' | 'denied'; readonly answered: string }
  | { readonly is: 'failed' | 'unknown'; readonly detail: Detail }
  /** A tag needs it now, somebody pushed the tag again, or something above it is locked. */
  | { readonly is: 'kept'; readonly because: KeptBecause }

/** The registry refuses to delete this item. It may delete it after its parents. */
export interface Refusal {
  readonly is: 'refused'
  readonly answered: string
  readonly why: RefusedBecause
  readonly status: number
  /** The first error code of the body, or ''. */
  readonly code: string
}

/**
 * Judges the response to a DELETE, by the table of responses (`registry/answers/deletes.ts`).
 *
 * @returns undefined if the response is not conclusive, so that a check must decide
 */
export function judge(response: Response, item: Item): Removal | undefined {
  const answered = describe(response)
  const means = meaningOf(`delete-${item.kind}`, response)
  switch (means) {
    case 'done':
    case 'asynchronous': {
      const hasErrors = errorEntries(response.body).length > 0
      return { is: 'deleted', ...(hasErrors && { detail: { is: 'answered', answered } }) }
    }
    case 'unknown':
      return { is: 'already-gone' }
    case 'unauthenticated':
      return { is: 'denied', answered }
    case 'unsupported':
      return item.kind === 'tag' ? { is: 'unsupported', answered } : undefined
    case 'forbidden':
    case 'referenced':
    case 'locked':
      return refusal(response, means)
    case 'foreign':
      return isGone(response) ? undefined : refusal(response, means)
    case 'perhaps-unknown':
    case 'unclear':
      // A tag: whether it is gone, or locked, or no tag can be deleted by name, is found out later.
      return item.kind === 'tag' && response.status === 404 ? refusal(response, 'locked') : undefined
    default:
      return undefined
  }
}

function refusal(response: Response, why: RefusedBecause): Refusal {
  const { status } = response
  return { is: 'refused', answered: describe(response), why, status, code: firstCode(response) }
}
