import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { FindingFlaw, RemainingFlaw } from './flaw.js'
import type { Endpoint, Item } from './item.js'

/** What one round of the proof found out about one item. Only `gone` proves anything. */
export type Finding =
  | { readonly is: 'gone' }
  | { readonly is: 'present'; readonly endpoint: Endpoint; readonly flaw: FindingFlaw }
  | { readonly is: 'inconclusive'; readonly flaw: FindingFlaw }

/** What is proven of one item. `unchecked`: no round asked for it. */
export type Verdict = 'gone' | 'present' | 'inconclusive' | 'unchecked'

/** The state of one item in the proof. */
export interface Standing {
  readonly item: Item
  readonly verdict: Verdict
  /** How many of the last rounds, in a row, found it gone while the control answered. */
  readonly rounds: number
  /** The first and last of these, in milliseconds since the epoch. */
  readonly goneSince?: number
  readonly goneUntil?: number
  readonly finding?: Finding
}

/** The state of a remaining tag at the end. */
export type RemainingVerdict = 'intact' | 'broken-before' | 'broken' | 'moved' | 'removed'

/** One remaining tag at the end. */
export interface RemainingTag {
  readonly tag: Tag
  readonly digest?: Digest
  readonly verdict: RemainingVerdict
  /** What is wrong with it. */
  readonly flaw?: RemainingFlaw
  readonly protected: boolean
}
