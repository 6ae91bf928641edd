import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Way } from '../survey/facts.js'
import type { ListProblem, NoResponse } from '../survey/problem.js'
import type { Item } from './item.js'
import type { Doubt } from './problems/plan.js'

/** What happened to an item. `unknown`: a DELETE was sent, and nothing shows whether it worked. */
export type Outcome = 'deleted' | 'already-gone' | 'with-manifest' | 'kept' | 'failed' | 'unknown'

/** How a tag was removed. */
export type Via = Way | 'manifest'

/** What was done with one item. */
export interface Done {
  readonly item: Item
  readonly outcome: Outcome
  readonly via?: Via
  /** Milliseconds since the epoch. */
  readonly at: number
  /** What is known besides the outcome. */
  readonly detail?: Detail
}

/** An item for which a step may send a request that changes state. */
export interface Intent {
  readonly item: Item
  /** For a tag that a placeholder removes: what the tag may point to from now on. */
  readonly placeholder?: PlaceholderTrace
}

/** What a tag may point to while a placeholder takes its place. */
export interface PlaceholderTrace {
  readonly digest: Digest
  /** The blobs that were uploaded for the placeholder. */
  readonly parts: readonly Digest[]
  /** What the tag pointed to before. */
  readonly before?: Digest
}

/** A placeholder that the registry did not delete. */
export interface LeftPlaceholder {
  readonly digest: Digest
  readonly answered: string
}

/** Why an item that was to be deleted is kept. */
export type KeptBecause =
  /** These tags need it now. */
  | { readonly is: 'needed'; readonly by: readonly Tag[] }
  /** The tag points to another manifest now: somebody pushed it. */
  | { readonly is: 'moved'; readonly to: Digest }
  /** What the tags need is not known for certain. */
  | { readonly is: 'unsure'; readonly doubt: Doubt }
  /** The tags could not be checked. */
  | { readonly is: 'unchecked'; readonly problem: ListProblem | NoResponse }
  /** The manifest of a label could not be read by digest, so it may not outlive its last tag. */
  | { readonly is: 'unread-manifest'; readonly digest: Digest; readonly answered: string }
  /** The manifest of a label is needed, and may not outlive its last tag, since it could not be pushed by digest. */
  | {
      readonly is: 'last-tag'
      readonly repository: Repository
      readonly digest: Digest
      readonly by: readonly Tag[]
      readonly answered: string
    }

/** What is known of an item besides its outcome. */
export type Detail =
  /** The response to the last request for it, in one bounded line. */
  | { readonly is: 'answered'; readonly answered: string }
  /** The response to its DELETE settled nothing; a check found it gone. `seen`: it was there before the DELETE. */
  | { readonly is: 'found-gone'; readonly answered: string; readonly seen: boolean }
  /** A 404 that does not come from the registry itself. Without `answered` no DELETE was sent before it. */
  | { readonly is: 'foreign-404'; readonly answered?: string }
  /** It could not be checked, so no DELETE was sent. */
  | { readonly is: 'unchecked' }
  /** The run was stopped before the response to its DELETE came. */
  | { readonly is: 'in-flight' }
  /** The removal of another label did harm, so this one was not tried. */
  | { readonly is: 'not-tried' }
  /** It is kept. `after`: the outcome that it had before it turned out to be needed. */
  | { readonly is: 'kept'; readonly because: KeptBecause; readonly after?: Outcome }
  /** Deleted again in a burst: a status or an error code for each DELETE, and why the burst ended early. */
  | { readonly is: 'repeated'; readonly answers: readonly string[]; readonly ended?: KeptBecause }
  /** The tag may point to a placeholder. */
  | ({ readonly is: 'placeholder' } & PlaceholderTrace)
  /** The tag points to its manifest as before. `left`: the placeholders that the registry did not delete. */
  | {
      readonly is: 'as-before'
      readonly digest: Digest
      /** The response to the PUT of the placeholder. */
      readonly answered: string
      readonly left: readonly LeftPlaceholder[]
      readonly putBack: boolean
    }
  /** The registry refuses an index of nothing, and would not delete the blobs of an image without content. */
  | { readonly is: 'undeletable-parts'; readonly answered: string }
  /** A blob of a placeholder could not be uploaded. */
  | { readonly is: 'upload-failed'; readonly digest: Digest; readonly answered: string }
