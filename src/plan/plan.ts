import type { Digest } from '../oci/digest.js'
import type { Glob } from '../oci/glob.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Survey, Target, TargetTag, Way } from '../survey/facts.js'
import type { Problem } from './problem.js'
import type { LabelReason, StayReason } from './reason.js'

/**
 * How the user can purge further tags as well. `name-them`: name them in `image`. `run-again`: start another run, which
 * selects again.
 */
export type FurtherTags = 'name-them' | 'run-again'

/** The user's decisions, besides the items to purge. */
export interface Rules {
  /** Scheme, host and port; part of the fingerprint. */
  readonly registry: string
  /** `image`: delete everything that was named or selected. `tag`: delete only the labels, and keep their manifests. */
  readonly scope: 'image' | 'tag'
  readonly sharedBlobs: 'keep' | 'fail'
  readonly protectedTags: readonly Glob[]
  /** The approved fingerprint; undefined if any plan may run. */
  readonly approved?: Digest
  /** Whether a remaining tag that cannot be read refuses the plan, or counts as broken before the run. */
  readonly unreadableTags: 'refuse' | 'ignore'
  readonly dryRun: boolean
  /** One refused repository refuses all. Otherwise the fingerprint covers only the repositories that are not refused. */
  readonly together: boolean
  /** Whether to delete a tag that points to a referrer of deleted content, if its name does not show this. */
  readonly tagsOnReferrers: 'delete' | 'keep'
  readonly furtherTags: FurtherTags
  /** The most tags that may be deleted, over all repositories. */
  readonly maxDeletions?: number
}

/** A tag to delete: named, or selected. */
export interface AskedTag extends TargetTag {
  /** Why it loses only its label although other tags are deleted with their images. */
  readonly onlyLabel?: LabelReason
}

/** The items to delete in one repository. */
export interface Asked extends Target {
  readonly tags: readonly AskedTag[]
}

/** A tag that the plan deletes. */
export interface PlannedTag {
  readonly tag: Tag
  /** Undefined if the tag no longer resolves. */
  readonly digest?: Digest
  /** The manifest of the tag: the one that it resolves to, or else the digest that was written beside it. */
  readonly root: Digest
  /** The manifest that the tag is attached to. Undefined for a tag that was named or selected. */
  readonly belongsTo?: Digest
  /** Why it loses only its label, and its manifest is kept with all it needs. Undefined if the image is deleted. */
  readonly onlyLabel?: LabelReason
}

/** A manifest or blob that the plan deletes. */
export interface PlannedContent {
  readonly digest: Digest
  readonly mediaType: string
  /** In bytes; undefined if no descriptor states it. */
  readonly size?: number
  /** Parents have a lower level than their children, and are deleted first. Blobs: 0. */
  readonly level: number
  /** Named by the user, directly or through a tag. */
  readonly named: boolean
  /** Unknown to the registry at the survey, so everything below it is unknown. */
  readonly gone: boolean
  /** Its manifest names other places that have the content (foreign layer). */
  readonly foreign: boolean
}

/** Content of a purged image that is kept because remaining tags need it. */
export interface Kept {
  readonly digest: Digest
  readonly kind: 'manifest' | 'blob'
  readonly mediaType: string
  readonly size?: number
  readonly level: number
  readonly foreign: boolean
  readonly heldBy: readonly Tag[]
}

/** A tag that is kept. */
export interface Remaining {
  readonly tag: Tag
  /** Undefined for a dangling tag: listed, but its manifest is unknown to the registry. */
  readonly digest?: Digest
  readonly protected: boolean
  /** `protected-tags` names it, not only a glob: the proof fetches each of its blobs. */
  readonly namedPlainly?: boolean
  /** It is kept even if it refers to deleted content. Unlike a protected tag it may be broken. */
  readonly guarded?: boolean
}

/** A tag that a pattern matches, but that is kept. */
export interface Unselected {
  readonly tag: Tag
  /** Undefined if it does not resolve. */
  readonly digest?: Digest
  readonly because: StayReason
}

/** The selection by patterns in one repository. */
export interface Selection {
  /** Ages count from this time, milliseconds since the epoch. */
  readonly asOf: number
  readonly unselected: readonly Unselected[]
  /** The tags that counted for `keep-newest`, sorted: if one disappears, an older image takes its place. */
  readonly counted: readonly Tag[]
  /** When the images of matching tags were created, in milliseconds since the epoch, if their dates were needed and are known. */
  readonly created: ReadonlyMap<Digest, number>
  /** The bytes of the images of matching tags, if they are known. */
  readonly sizes: ReadonlyMap<Digest, number>
}

/** The plan for one repository. */
export interface RepositoryPlan {
  readonly repository: Repository
  readonly scope: Rules['scope']
  readonly tags: readonly PlannedTag[]
  /** Parents before children. */
  readonly manifests: readonly PlannedContent[]
  readonly blobs: readonly PlannedContent[]
  readonly kept: readonly Kept[]
  readonly remaining: readonly Remaining[]
  /** How to remove a label whose manifest is kept. Undefined if there is no way, or none is needed. */
  readonly way?: Way
  /** Undefined if no pattern selected tags. */
  readonly selection?: Selection
  /** Items that cannot be read and that `unreadable-tags: ignore` ignores: tags, manifests, subjects of referrers. */
  readonly ignored: ReadonlySet<Tag | Digest>
  /** Every manifest and blob of the purged images, whether it is deleted or kept. */
  readonly image: ReadonlySet<Digest>
  /** Why this plan must not be carried out. Empty if it may be. */
  readonly refusals: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** The plan for the whole run. */
export interface Plan {
  readonly repositories: readonly RepositoryPlan[]
  readonly fingerprint: Digest
  /** Why no repository may be purged, besides their own refusals. */
  readonly refusals: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** The items to delete in one repository, and its survey. */
export interface Case {
  readonly target: Asked
  readonly survey: Survey
  /** Undefined if no pattern selected tags. */
  readonly selection?: Selection
}
