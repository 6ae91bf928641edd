import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Right } from '../../survey/problem.js'
import type { Item } from '../item.js'
import type { Detail, KeptBecause, RefusedBecause } from '../outcome.js'

/** Problems of the purge. Those with an `item` are about the removal of that item. */
export type PurgeProblem =
  /** The blobs were kept because it is unknown what the tags need. */
  | { readonly kind: 'blobs-kept'; readonly repository: Repository; readonly because: KeptBecause }
  /** An item that the plan deletes was kept. */
  | {
      readonly kind: 'item-kept'
      readonly repository: Repository
      readonly item: Item
      readonly because: KeptBecause
    }
  /** The registry did not delete an item. */
  | {
      readonly kind: 'item-not-deleted'
      readonly repository: Repository
      readonly item: Item
      readonly detail: Detail
    }
  /** The registry refuses to delete an item, although the probe showed that it deletes: it is locked, for example. */
  | {
      readonly kind: 'delete-refused'
      readonly repository: Repository
      readonly item: Item
      readonly answered: string
      readonly why: Exclude<RefusedBecause, 'forbidden'>
      /** How many manifests and blobs below it were not deleted because of it. */
      readonly below: number
    }
  /** The user may not delete an item. */
  | {
      readonly kind: 'delete-not-permitted'
      readonly repository: Repository
      readonly item: Item
      readonly answered: string
      /** The right that is missing, if the registry's challenge tells. */
      readonly right?: Right
    }
  /** A DELETE was sent, and it is unknown whether it worked. */
  | {
      readonly kind: 'outcome-unknown'
      readonly repository: Repository
      readonly item: Item
      readonly detail: Detail
    }
  /** A label could not be removed with a placeholder. */
  | {
      readonly kind: 'label-not-removed'
      readonly repository: Repository
      readonly item: Item & { readonly kind: 'tag' }
      readonly detail: Detail
    }
  /** The user may not push a placeholder, which is the only way to remove a label on this registry. */
  | {
      readonly kind: 'push-not-permitted'
      readonly repository: Repository
      readonly item: Item & { readonly kind: 'tag' }
      readonly answered: string
      /** The right to push, if the registry's challenge names it. */
      readonly right?: Right
    }
  /** A label may point to a placeholder, and could not be put back. */
  | {
      readonly kind: 'label-on-placeholder'
      readonly repository: Repository
      readonly item: Item & { readonly kind: 'tag' }
      readonly placeholder: Digest
      readonly before: Digest
      readonly failure: PutBackFailure
    }
  /** A placeholder was not deleted, although no tag points to it. */
  | {
      readonly kind: 'placeholder-left'
      readonly repository: Repository
      readonly digest: Digest
      readonly answered: string
    }
  /** A blob of a placeholder was not deleted. */
  | {
      readonly kind: 'placeholder-part-left'
      readonly repository: Repository
      readonly digest: Digest
      readonly answered: string
    }
  /** The registry deleted a manifest along with its label, so the run removed no further label. */
  | {
      readonly kind: 'label-took-manifest'
      readonly repository: Repository
      readonly item: Item & { readonly kind: 'tag' }
      readonly digest: Digest
      /** The response to the push of the manifest by its digest, if one was sent and failed. */
      readonly pushAnswered?: string
    }

/** Why a tag could not be put back. */
export type PutBackFailure =
  /** Somebody else pushed the tag. */
  | { readonly is: 'moved'; readonly to: Digest }
  /** The response to the last request for the tag. */
  | { readonly is: 'answered'; readonly answered: string }
  /** The tag does not resolve. */
  | { readonly is: 'absent' }
