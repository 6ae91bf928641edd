import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Way } from '../survey/facts.js'
import type { ListProblem, NoResponse, Right } from '../survey/problem.js'
import type { Item } from './item.js'
import type { Doubt } from './problems/plan.js'

/** The result for one item. `unknown`: a DELETE was sent, and nothing shows whether it worked. */
export type Outcome = 'deleted' | 'already-gone' | 'with-manifest' | 'kept' | 'failed' | 'unknown'

/** How a tag was removed. */
export type Via = Way | 'manifest'

/** The result for one item, with its details. */
export interface Done {
  readonly item: Item
  readonly outcome: Outcome
  readonly via?: Via
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Details besides the outcome. */
  readonly detail?: Detail
}

/** An item for which a step may send a request that changes state. */
export interface Intent {
  readonly item: Item
  /** For a tag that a placeholder removes: the manifest that the tag may point to from now on. */
  readonly placeholder?: PlaceholderTrace
}

/** The placeholder that a tag may point to. */
export interface PlaceholderTrace {
  readonly digest: Digest
  /** The blobs that were uploaded for the placeholder. */
  readonly parts: readonly Digest[]
  /** The manifest that the tag pointed to before. */
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
  /** It is unknown what the tags need. */
  | { readonly is: 'unsure'; readonly doubt: Doubt }
  /** The tags could not be checked. */
  | { readonly is: 'unchecked'; readonly problem: ListProblem | NoResponse }
  /** The registry refuses to delete this tag or manifest, so nothing below it is deleted. */
  | { readonly is: 'above-refused'; readonly above: Item }
  /** The manifest of a label could not be read by digest, so it may not outlive its last tag. */
  | { readonly is: 'unread-manifest'; readonly digest: Digest; readonly answered: string }
  /** The manifest of a label is needed, and may not outlive its last tag, since it could not be pushed by digest. */
  | {
      readonly is: 'last-tag'
      readonly repository: Repository
      readonly digest: Digest
      readonly by: readonly Tag[]
      readonly answered: string
      /** The right to push, if the registry's challenge names it. */
      readonly right?: Right
    }

/** Why the registry refuses to delete an item, although the probe showed that it deletes. */
export type RefusedBecause =
  /** The user may not delete it. */
  | 'forbidden'
  /** A manifest or a tag still refers to it. */
  | 'referenced'
  /** A rule protects it: an immutable tag, a lock, a retention period. */
  | 'locked'
  /** A proxy or a firewall in front of the registry refuses the request. */
  | 'foreign'

/** Details of an item besides its outcome. */
export type Detail =
  /** The response to the last request for it, in one bounded line. */
  | { readonly is: 'answered'; readonly answered: string }
  /** The response to its DELETE was not conclusive, and a check found it gone. `seen`: it existed before the DELETE. */
  | { readonly is: 'found-gone'; readonly answered: string; readonly seen: boolean }
  /** A 404 that does not come from the registry itself. `answered` is undefined if no DELETE was sent before it. */
  | { readonly is: 'foreign-404'; readonly answered?: string }
  /**
   * The registry deletes in steps, and the next step cannot be sent: the response has no link to it, the link leads to
   * another item or host, or to an earlier step, or there were too many steps. Tags on a digest may be deleted already.
   */
  | {
      readonly is: 'stuck'
      readonly answered: string
      readonly why: 'no-link' | 'elsewhere' | 'circle' | 'too-many'
    }
  /** It could not be checked, so no DELETE was sent. */
  | { readonly is: 'unchecked' }
  /** The run was stopped before the response to its DELETE came. */
  | { readonly is: 'in-flight' }
  /** The registry deleted a manifest together with another label, so this label was not removed. */
  | { readonly is: 'not-tried' }
  /** It is kept. `after`: its outcome before a tag needed it. */
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
  /** The registry refuses an empty index, and cannot delete the blobs of an image without content. */
  | { readonly is: 'undeletable-parts'; readonly answered: string }
  /** A blob of a placeholder could not be uploaded. */
  | { readonly is: 'upload-failed'; readonly digest: Digest; readonly answered: string }
