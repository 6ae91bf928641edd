import type { Digest } from '../oci/digest.js'
import type { Glob } from '../oci/glob.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Survey, Target, Way } from '../survey/facts.js'

/** What the user decided, besides what leaked. */
export interface Rules {
  /** Scheme, host and port; part of the fingerprint. */
  readonly registry: string
  /** `image`: everything that was named goes. `tag`: only the labels, and what they point at stays. */
  readonly scope: 'image' | 'tag'
  readonly sharedBlobs: 'keep' | 'fail'
  readonly protectedTags: readonly Glob[]
  /** The fingerprint that was approved, or undefined for any. */
  readonly approved?: Digest
  /** Whether a remaining tag that cannot be read stands in the way, or counts as broken before. */
  readonly unreadableTags: 'refuse' | 'ignore'
  readonly dryRun: boolean
}

/** A tag that goes. */
export interface PlannedTag {
  readonly tag: Tag
  /** Undefined where the tag does not resolve any more. */
  readonly digest?: Digest
  /** The manifest that the tag stands for: what it resolves to, or the digest written beside it. */
  readonly root: Digest
  /** The manifest of the image to which the tag belongs. Undefined for a tag that was named. */
  readonly belongsTo?: Digest
}

/** A manifest or blob that goes. */
export interface PlannedContent {
  readonly digest: Digest
  readonly mediaType: string
  /** In bytes; undefined where nothing says. */
  readonly size?: number
  /** Parents have a lower level than their children, and go first. Blobs: 0. */
  readonly level: number
  /** Named by the user, directly or through a tag. */
  readonly named: boolean
  /** Unknown to the registry at the survey: nothing below it is known. */
  readonly gone: boolean
  /** Its manifest names other places where the content lies, too (foreign layer). */
  readonly foreign: boolean
}

/** Content of a purged image that stays, since remaining tags need it. */
export interface Kept {
  readonly digest: Digest
  readonly kind: 'manifest' | 'blob'
  readonly mediaType: string
  readonly size?: number
  readonly level: number
  readonly foreign: boolean
  readonly heldBy: readonly Tag[]
}

/** A tag that stays. */
export interface Remaining {
  readonly tag: Tag
  /** Undefined for a dangling tag: listed, but its manifest is unknown to the registry. */
  readonly digest?: Digest
  readonly protected: boolean
}

/** What is to be done in one repository. */
export interface RepositoryPlan {
  readonly repository: Repository
  readonly scope: 'image' | 'tag'
  readonly tags: readonly PlannedTag[]
  /** Parents before children. */
  readonly manifests: readonly PlannedContent[]
  readonly blobs: readonly PlannedContent[]
  readonly kept: readonly Kept[]
  readonly remaining: readonly Remaining[]
  /** With the scope `tag`: how the labels go. Undefined where there is no way, or none is needed. */
  readonly way?: Way
  /** What could not be read and is passed over, as the user decided: tags, manifests, subjects of referrers. */
  readonly ignored: ReadonlySet<Tag | Digest>
  /** Every manifest and blob of the purged images, whether it goes or stays. */
  readonly image: ReadonlySet<Digest>
  /** Why this must not be done. Empty where it may. */
  readonly refusals: readonly string[]
  readonly warnings: readonly string[]
}

/** What is to be done in the whole run. */
export interface Plan {
  readonly repositories: readonly RepositoryPlan[]
  readonly fingerprint: Digest
  /** Refusals that belong to no single repository. */
  readonly refusals: readonly string[]
  readonly warnings: readonly string[]
}

/** One repository's part of the question. */
export interface Case {
  readonly target: Target
  readonly survey: Survey
}
