import type { Digest } from '../oci/digest.js'
import type { Manifest } from '../oci/manifest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { TwinProblem, UnknownDate, UnreadManifest, UnreadReferrers } from './problem.js'
import type { Meaning } from '../registry/answers/meaning.js'
import type { Right } from '../registry/auth/rights.js'
import type { DialectName } from '../registry/dialects/dialects.js'

export type { Meaning }

/** The result of reading a tag. */
export type TagState =
  /** Its manifest was read and hashed; its graph is in `manifests`. */
  | { readonly is: 'resolved'; readonly digest: Digest }
  /** Unknown to the registry: it returned 404 MANIFEST_UNKNOWN twice, the second time on a new connection and with a wider Accept. */
  | { readonly is: 'unknown' }
  /** The tag, or something in its graph, could not be read, so it is unknown what the tag needs. */
  | { readonly is: 'unreadable'; readonly why: UnreadManifest }
  /** The response contradicts itself, such as bytes that do not hash to their digest. */
  | { readonly is: 'lie'; readonly why: UnreadManifest }

/** Why a manifest that was requested by digest could not be read. */
export type Missing =
  | { readonly is: 'missing' }
  | { readonly is: 'unreadable'; readonly why: UnreadManifest }
  | { readonly is: 'lie'; readonly why: UnreadManifest }

/** Whether one kind of content can be deleted. `answered` is the response to the probe in one bounded line. */
export type Deletion =
  | { readonly is: 'on' }
  /** 405 or UNSUPPORTED: switched off, read-only, or a pull-through cache. */
  | { readonly is: 'off'; readonly answered: string; readonly readOnly: boolean }
  /** 401 or 403. `right`: what the user lacks, if the registry's challenge tells. */
  | { readonly is: 'denied'; readonly answered: string; readonly right?: Right }
  /** `means`: how the response was understood. `denied`: something in front of the registry returned 403. */
  | {
      readonly is: 'unclear'
      readonly answered: string
      readonly means: Meaning
      readonly denied?: boolean
    }

/** The state of one repository at one time, as far as it was read. */
export interface Facts {
  readonly repository: Repository
  /** In the order of the registry's list; names are unique. */
  readonly listed: readonly Tag[]
  /** Every listed tag, and every tag that was read by name. */
  readonly tags: ReadonlyMap<Tag, TagState>
  /** Every manifest that was read, under its digest. */
  readonly manifests: ReadonlyMap<Digest, Manifest>
  /** Every digest that was requested as a manifest and could not be read. */
  readonly missing: ReadonlyMap<Digest, Missing>
  /** The referrers of each manifest, by the referrers API or by `subject` in a manifest that was read. */
  readonly referrers: ReadonlyMap<Digest, readonly Digest[]>
  /** Manifests whose referrers cannot be listed although there is an API for it, and why. */
  readonly referrersUnclear: ReadonlyMap<Digest, UnreadReferrers>
  /** Other digests, under another algorithm, of the same bytes. */
  readonly twins: ReadonlyMap<Digest, readonly Digest[]>
}

/** When an image was created, according to its config, or why that is unknown. */
export type Created =
  /** Milliseconds since the epoch, with a fraction. */
  { readonly is: 'known'; readonly at: number } | { readonly is: 'unknown'; readonly why: UnknownDate }

/** A way to delete a tag and keep its manifest: an endpoint of the registry, or a placeholder. */
export type Way = DialectName | 'placeholder'

/** How a tag can be removed so that its manifest is kept. Probes with random tags find that out. */
export type Untagging =
  | { readonly is: 'possible'; readonly way: Way }
  | { readonly is: 'impossible'; readonly deletion: Exclude<Deletion, { readonly is: 'on' }> }

/** Whether this runner can read the registry's blobs, also where the registry redirects them to a storage. */
export type BlobAccess =
  /** A blob was read. */
  | { readonly is: 'open' }
  /** Every blob that was tried is missing, or comes with other bytes. */
  | {
      readonly is: 'missing'
      /** The last blob that was tried, and the response for it. */
      readonly digest: Digest
      readonly answered: string
      readonly tried: number
      /** Whether remaining tags need these blobs. Otherwise they are purged, and may be gone already. */
      readonly remaining: boolean
    }
  /** A blob cannot be read, and no other blob could. */
  | { readonly is: 'closed'; readonly digest: Digest; readonly why: BlobsClosed }

/** Why blobs cannot be read. `storage` is host and port, without the link, which may be signed. */
export type BlobsClosed =
  /** The registry redirects them to a storage that this runner cannot reach, or must not. `reason` ends a sentence about it. */
  | { readonly is: 'unreachable'; readonly storage: string; readonly reason: string }
  /** The storage to which the registry redirects them returned an error. */
  | { readonly is: 'storage-refused'; readonly storage: string; readonly answered: string }
  /** The registry itself returned an error. `denied`: 401 or 403. */
  | { readonly is: 'refused'; readonly answered: string; readonly denied: boolean }
  /** Something in front of the registry answered, such as a firewall or a login page. */
  | { readonly is: 'foreign'; readonly answered: string }
  /** The registry sent no complete response. `message` names the request and the failure. */
  | { readonly is: 'unanswered'; readonly message: string }

/** The facts of a survey, and the results of the requests that are sent only once a run. */
export interface Survey extends Facts {
  /**
   * The registry does not know the repository, and everything was named by digest. On an object store a registry no
   * longer knows a repository without tags, and some never know one whose content was pushed by digest alone.
   */
  readonly forgotten?: boolean
  readonly manifestDeletion: Deletion
  readonly blobDeletion: Deletion
  /** Probed only if labels are to be removed. If nothing but labels is removed, it stands for the two above as well. */
  readonly untagging?: Untagging
  /** Whether this runner can read the registry's blobs. Undefined if there was no blob to try. */
  readonly blobAccess?: BlobAccess
  /** Why the sha256 digest of a purged blob that is named by sha512 is unknown. */
  readonly twinsUnclear: readonly TwinProblem[]
}

/** The items to purge in one repository, as the user named them. */
export interface Target {
  readonly repository: Repository
  readonly tags: readonly TargetTag[]
  /** Manifests named by digest alone. */
  readonly digests: readonly Digest[]
  readonly blobs: readonly Digest[]
}

/** A tag to delete. */
export interface TargetTag {
  readonly tag: Tag
  /** The manifest that was written beside it. */
  readonly digest?: Digest
}
