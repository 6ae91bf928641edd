import type { Digest } from '../oci/digest.js'
import type { Glob } from '../oci/glob.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Survey, Target, Way } from '../survey/facts.js'

/** What the user decided, besides what leaked. */
export interface Rules {
  /** Scheme, host and port; part of the fingerprint. */
  readonly registry: string
  /** Tags were selected, not named: what was not selected stays, whatever it belongs to. */
  readonly cleanup?: boolean
  /** In a cleanup: so many of the newest images stay in each repository. */
  readonly keepNewest?: number
  /** More tags than this are not deleted, over all repositories. */
  readonly maxDeletions?: number
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
  /** Why only the label goes, and its manifest stays with all it needs. Undefined where everything goes. */
  readonly onlyLabel?: string
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
  /** `protected-tags` names it plainly, not by a glob: each of its blobs has to be fetched to prove that it pulls. */
  readonly namedPlainly?: boolean
  /** It stays whatever it belongs to, though it may be as broken as it is: a cleanup takes nothing along but by name. */
  readonly guarded?: boolean
}

/** A tag that a cleanup's globs match, and that stays. */
export interface Unselected {
  readonly tag: Tag
  /** Undefined where it does not resolve. */
  readonly digest?: Digest
  readonly because: string
}

/** What a cleanup has to say of a repository, besides what goes. */
export interface Selection {
  readonly unselected: readonly Unselected[]
  /** When the images of matching tags were created, milliseconds since the epoch, as far as that was asked for. */
  readonly created: ReadonlyMap<Digest, number>
  /** Bytes of the images of matching tags. */
  readonly sizes: ReadonlyMap<Digest, number>
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
  /** How labels go whose manifests stay. Undefined where there is no way, or none is needed. */
  readonly way?: Way
  /** In a cleanup only. */
  readonly selection?: Selection
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
  /** In a cleanup only. */
  readonly selection?: Selection
}
