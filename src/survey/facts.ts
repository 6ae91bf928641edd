import type { Digest } from '../oci/digest.js'
import type { Manifest } from '../oci/manifest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'

/** What a tag turned out to be when it was asked for. */
export type TagState =
  /** Its manifest was read and hashed; its graph is in `manifests`. */
  | { readonly is: 'resolved'; readonly digest: Digest }
  /** Plainly unknown to the registry: 404 MANIFEST_UNKNOWN, twice, on connections of their own, with a wider Accept. */
  | { readonly is: 'unknown' }
  /** It, or something in its graph, could not be read: what it needs cannot be known. */
  | { readonly is: 'unreadable'; readonly why: string }
  /** The answer contradicts itself, such as bytes that do not hash to their digest. */
  | { readonly is: 'lie'; readonly why: string }

/** A manifest asked for by digest that did not come. */
export type Missing =
  | { readonly is: 'missing' }
  | { readonly is: 'unreadable'; readonly why: string }
  | { readonly is: 'lie'; readonly why: string }

/** How the registry answered the probe for one kind of content. */
export type Deletion =
  | { readonly is: 'on' }
  /** 405 or UNSUPPORTED: switched off, read-only, or a pull-through cache. */
  | { readonly is: 'off'; readonly why: string; readonly readOnly: boolean }
  /** 401 or 403. */
  | { readonly is: 'denied'; readonly why: string }
  | { readonly is: 'unclear'; readonly why: string }

/** What is known of one repository at one time. Reads only; it decides nothing. */
export interface Facts {
  readonly repository: Repository
  /** In the order of the registry's list; names are unique. */
  readonly listed: readonly Tag[]
  /** Every listed tag, and every tag that was asked for by name. */
  readonly tags: ReadonlyMap<Tag, TagState>
  /** Every manifest that was read, under its digest. */
  readonly manifests: ReadonlyMap<Digest, Manifest>
  /** Every digest that was asked for as a manifest and did not come. */
  readonly missing: ReadonlyMap<Digest, Missing>
  /** What refers to a manifest, by the referrers API or by `subject` in a manifest that was read. */
  readonly referrers: ReadonlyMap<Digest, readonly Digest[]>
  /** Manifests whose referrers could not be listed although the API is there, and why. */
  readonly referrersUnclear: ReadonlyMap<Digest, string>
  /** Other digests, under another algorithm, of the same bytes. */
  readonly twins: ReadonlyMap<Digest, readonly Digest[]>
}

/** When an image was created, as its config says, or why that cannot be told. */
export type Created =
  /** Milliseconds since the epoch, with a fraction. */
  { readonly is: 'known'; readonly at: number } | { readonly is: 'unknown'; readonly why: string }

/** A way to take a label off a manifest that stays. */
export type Way = 'tag' | 'gitlab' | 'placeholder'

/** How a tag can be removed so that its manifest stays, found out by asking for tags that do not exist. */
export type Untagging =
  | { readonly is: 'possible'; readonly way: Way }
  | { readonly is: 'impossible'; readonly deletion: Exclude<Deletion, { readonly is: 'on' }> }

/** The facts of the survey, with what is asked but once. */
export interface Survey extends Facts {
  /**
   * The registry does not know the repository, and everything was named by digest: an object store forgets a repository
   * with its last tag, and some never know one whose content was pushed by digest alone.
   */
  readonly forgotten?: boolean
  readonly manifestDeletion: Deletion
  readonly blobDeletion: Deletion
  /** Asked only where nothing but labels is to go; the two above are then not asked on their own. */
  readonly untagging?: Untagging
  /** Blobs of what was named that are named by sha512 and could not be read to find their sha256, a sentence each. */
  readonly twinsUnclear: readonly string[]
}

/** What is purged in one repository, as the user named it. */
export interface Target {
  readonly repository: Repository
  readonly tags: readonly TargetTag[]
  /** Manifests named by digest alone. */
  readonly digests: readonly Digest[]
  readonly blobs: readonly Digest[]
}

/** A tag that is to go. */
export interface TargetTag {
  readonly tag: Tag
  /** The manifest that was written beside it. */
  readonly digest?: Digest
  /** Why only the label goes, and the manifest stays, where everything else that is purged goes whole. */
  readonly onlyLabel?: string
}

/** Why something could not be read. */
export type ReadProblem = { readonly kind: 'said-by-survey'; readonly text: string }
