import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { FindingFlaw, RemainingFlaw } from './flaw.js'
import type { Endpoint, Item } from './item.js'

/** The result of one round of the proof for one item. Only `gone` proves anything. */
export type Finding =
  | { readonly is: 'gone' }
  | { readonly is: 'present'; readonly endpoint: Endpoint; readonly flaw: FindingFlaw }
  | { readonly is: 'inconclusive'; readonly flaw: FindingFlaw }

/** The result of the proof for one item. `unchecked`: no round requested it. */
export type Verdict = 'gone' | 'present' | 'inconclusive' | 'unchecked'

/** The state of one item in the proof. */
export interface Standing {
  readonly item: Item
  readonly verdict: Verdict
  /** Consecutive rounds, up to the last, that found it gone while the control was served. */
  readonly rounds: number
  /** The times of the first and the last of these rounds, in milliseconds since the epoch. */
  readonly goneSince?: number
  readonly goneUntil?: number
  readonly finding?: Finding
}

/** The state of a remaining tag at the end. `unchecked`: a request failed, so it is not known whether the tag is broken. */
export type RemainingVerdict = 'intact' | 'broken-before' | 'broken' | 'moved' | 'removed' | 'unchecked'

/** One remaining tag at the end. */
export interface RemainingTag {
  readonly tag: Tag
  readonly digest?: Digest
  readonly verdict: RemainingVerdict
  /** Its problem; undefined if it has none. */
  readonly flaw?: RemainingFlaw
  readonly protected: boolean
}
