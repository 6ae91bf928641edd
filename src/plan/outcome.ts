import type { Way } from '../survey/facts.js'
import type { Item } from './item.js'

/** What became of an item. `unknown`: a DELETE was sent, and nothing shows whether it worked. */
export type Outcome = 'deleted' | 'already-gone' | 'with-manifest' | 'kept' | 'failed' | 'unknown'

/** How a tag was removed. */
export type Via = Way | 'manifest'

/** What was done about one item. */
export interface Done {
  readonly item: Item
  readonly outcome: Outcome
  readonly via?: Via
  /** Milliseconds since the epoch. */
  readonly at: number
  /** What the registry said, if it says more than the outcome. */
  readonly detail?: string
}

/** An item for which a step may send a request that changes state. */
export interface Intent {
  readonly item: Item
  /** For a tag that a placeholder removes: what the tag may point to from now on, and what it pointed to before. */
  readonly placeholder?: string
}
