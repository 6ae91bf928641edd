import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'

/** How a manifest or blob was named. */
export type NamedBy =
  /** `image` names this tag, which points to it, or beside which its digest was written. */
  | { readonly is: 'tag'; readonly tag: Tag }
  /** A cleanup selects this tag, which points to it. */
  | { readonly is: 'selected'; readonly tag: Tag }
  /** `image` names it by its digest. */
  | { readonly is: 'digest'; readonly digest: Digest }
  /** `blobs` names it. */
  | { readonly is: 'blob' }

/** A part of an image: how the roots that it belongs to were named, or itself. */
export interface PartOf {
  /** Whether it was named itself, and does not only belong to what was named. */
  readonly itself: boolean
  /** Empty if it is unknown to what it belongs. */
  readonly by: readonly NamedBy[]
}

/** An entry of `image`: a tag, with its digest if it has one, or a manifest by its digest alone. */
export type ImageEntry =
  | { readonly repository: Repository; readonly tag: Tag; readonly digest?: Digest }
  | { readonly repository: Repository; readonly tag?: undefined; readonly digest: Digest }

/** What has to be named together in one run, since no part of it can be purged without the rest. */
export type Together =
  | {
      readonly is: 'lines'
      /** The entries of `image` that are missing. Each deletes more than was named. */
      readonly further: readonly ImageEntry[]
      /** The tags that are deleted besides, since they are attached to what the further entries name. */
      readonly along: readonly { readonly repository: Repository; readonly tag: Tag }[]
      /** The entries of `image` that were given. */
      readonly image: readonly ImageEntry[]
      /** The entries of `blobs` that were given. */
      readonly blobs: readonly { readonly repository: Repository; readonly digest: Digest }[]
      /** Whether these are the entries of all repositories of the run, and not only of one. */
      readonly whole: boolean
    }
  /** Tags would have to be named that `protected-tags` protects, each by this entry. */
  | {
      readonly is: 'protected'
      readonly tags: readonly { readonly repository: Repository; readonly tag: Tag; readonly entry: string }[]
    }

/** A problem that is solved by naming more. The last one of a run says what has to be named together. */
export interface Solvable {
  readonly together?: Together
}
