import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Endpoint, Item } from './item.js'

/** What one round of the proof found out about one item. Only `gone` proves anything. */
export type Finding =
  | { readonly is: 'gone' }
  | { readonly is: 'present'; readonly endpoint: Endpoint; readonly detail: string }
  | { readonly is: 'inconclusive'; readonly detail: string }

/** What is proven of one item. `unchecked`: it was not asked for. */
export type Verdict = 'gone' | 'present' | 'inconclusive' | 'unchecked'

/** How one item stands in the proof. */
export interface Standing {
  readonly item: Item
  readonly verdict: Verdict
  /** Consecutive rounds, up to the last, in which it was gone while the control answered. */
  readonly rounds: number
  /** First and last of these, milliseconds since the epoch. */
  readonly goneSince?: number
  readonly goneUntil?: number
  readonly finding?: Finding
}

/** How a tag that was to stay stands at the end. */
export type RemainingVerdict = 'intact' | 'broken-before' | 'broken' | 'moved' | 'removed'

/** One remaining tag at the end. */
export interface RemainingTag {
  readonly tag: Tag
  readonly digest?: Digest
  readonly verdict: RemainingVerdict
  /** What is wrong with it. */
  readonly detail?: string
  readonly protected: boolean
}
