import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { ListProblem, NoResponse } from '../../survey/problem.js'
import type { ControlFlaw, FindingFlaw, Lacking, RemainingFlaw } from '../flaw.js'
import type { Item } from '../item.js'

/** Problems of the proof. */
export type ProofProblem = { readonly repository: Repository } & ProofMember

/** The fields of each kind, besides the repository. */
type ProofMember =
  /** A purged item is still served, or is served again. */
  | { readonly kind: 'still-answers'; readonly item: Item; readonly flaw?: FindingFlaw }
  /** The checks of a purged item show neither that it is gone nor that it is served. */
  | { readonly kind: 'not-proven-gone'; readonly item: Item; readonly flaw: FindingFlaw }
  /** Items were gone, but not in enough consecutive rounds: a control failed, or `verify-timeout` ended. */
  | {
      readonly kind: 'too-few-rounds'
      readonly items: readonly Item[]
      /** Why the controls of the last round failed. */
      readonly control?: ControlFlaw
      /** If they did not fail: the last failure of an earlier round. */
      readonly lastFlaw?: ControlFlaw | FindingFlaw
    }
  /** A purged blob is served as a manifest. */
  | { readonly kind: 'served-as-manifest'; readonly digest: Digest; readonly answered: string }
  /** The registry still served a purged blob to the final ranged GET. */
  | { readonly kind: 'answers-range'; readonly digest: Digest; readonly answered: string }
  /** A final check of a purged blob, as a manifest or by a ranged GET, is inconclusive. */
  | {
      readonly kind: 'final-check-unclear'
      readonly check: 'manifest' | 'range'
      readonly digest: Digest
      readonly answered: string
    }
  /** Content was kept because a tag that was pushed during the run needs it. */
  | { readonly kind: 'left-for-tags'; readonly digest: Digest; readonly tags: readonly Tag[] }
  /** Content was deleted before a tag that needs it was pushed. */
  | { readonly kind: 'deleted-too-early'; readonly digest: Digest; readonly tags: readonly Tag[] }
  /** The registry now serves a manifest that was unknown when the plan was made. */
  | { readonly kind: 'unknown-root-answers'; readonly digest: Digest }
  /** Somebody else pushed a purged tag again. */
  | { readonly kind: 'tag-pushed-again'; readonly tag: Tag; readonly digest: Digest }
  /** A tag or manifest that is attached to a purged manifest was pushed during the run, and was kept. */
  | {
      readonly kind: 'newcomer-left'
      readonly tag?: Tag
      readonly digest: Digest
      readonly subject: Digest
    }
  /** A purged tag still points to a placeholder of this run. */
  | { readonly kind: 'placeholder-stays'; readonly tag: Tag; readonly placeholder: Digest }
  /** The remaining tags were not checked at the end. */
  | { readonly kind: 'remaining-unchecked'; readonly cause?: ListProblem | NoResponse }
  /** A remaining tag is broken or gone. */
  | { readonly kind: 'remaining-harmed'; readonly tag: Tag; readonly flaw: RemainingFlaw }
  /** Requests for remaining tags failed at the end, so it is not known whether these tags are broken. */
  | {
      readonly kind: 'remaining-not-verified'
      readonly tags: readonly Tag[]
      /** What happened for the first of them. */
      readonly flaw: RemainingFlaw
    }
  /** A tag in `protected-tags` was broken before the run. */
  | { readonly kind: 'protected-broken-before'; readonly tag: Tag; readonly flaw: RemainingFlaw }
  /** A remaining tag was broken before the run, or somebody moved it. */
  | { readonly kind: 'remaining-changed'; readonly tag: Tag; readonly flaw: RemainingFlaw }
  /** A manifest that was to lose only its label can no longer be pulled. */
  | {
      readonly kind: 'label-manifest-broken'
      readonly digest: Digest
      readonly lacking: readonly Lacking[]
    }
  /** Requests for a manifest that was to lose only its label failed, so it is not known whether it can be pulled. */
  | {
      readonly kind: 'label-manifest-not-verified'
      readonly digest: Digest
      readonly lacking: readonly Lacking[]
    }
  /** The registry serves none of the blobs that the remaining tags need. `content` is the first of them. */
  | { readonly kind: 'no-blob-answers'; readonly content: Lacking }
  /** The registry still lists purged tags, although it no longer knows their manifest. */
  | { readonly kind: 'tags-still-listed'; readonly tags: readonly Tag[] }
  /** Blobs that `blobs` names did not exist, so nothing was deleted. */
  | { readonly kind: 'blobs-never-there'; readonly digests: readonly Digest[] }
  /** Some checks got a response only after failures. */
  | {
      readonly kind: 'answered-after-failures'
      readonly checks: number
      readonly failures: readonly string[]
    }
