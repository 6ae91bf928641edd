import type { Digest } from '../oci/digest.js'
import type { Glob } from '../oci/glob.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Survey, Target, TargetTag, Way } from '../survey/facts.js'
import type { Problem } from './problem.js'
import type { LabelReason, StayReason } from './reason.js'

/**
 * How further tags can be purged as well. `name-them`: the user names them in `image`. `run-again`: another run selects
 * anew and takes them into account.
 */
export type FurtherTags = 'name-them' | 'run-again'

/** What the user decided, besides what to purge. */
export interface Rules {
  /** Scheme, host and port; part of the fingerprint. */
  readonly registry: string
  /** `image`: delete everything that was asked for. `tag`: delete only the labels, and keep their manifests. */
  readonly scope: 'image' | 'tag'
  readonly sharedBlobs: 'keep' | 'fail'
  readonly protectedTags: readonly Glob[]
  /** The approved fingerprint; undefined if any plan may run. */
  readonly approved?: Digest
  /** Whether a remaining tag that cannot be read refuses, or counts as broken before the run. */
  readonly unreadableTags: 'refuse' | 'ignore'
  readonly dryRun: boolean
  /** The refusal of one repository refuses all. Otherwise the fingerprint covers only those that are not refused. */
  readonly together: boolean
  /** What to do with a tag that points to a referrer of deleted content, and does not show it by its name. */
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

/** What to delete in one repository. */
export interface Asked extends Target {
  readonly tags: readonly AskedTag[]
}

/** A tag that the plan deletes. */
export interface PlannedTag {
  readonly tag: Tag
  /** Undefined if the tag no longer resolves. */
  readonly digest?: Digest
  /** The manifest that the tag stands for: what it resolves to, or the digest that was written beside it. */
  readonly root: Digest
  /** The manifest that the tag belongs to. Undefined for a tag that was asked for. */
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
  /** Unknown to the registry at the survey, so nothing below it is known. */
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
  /** `protected-tags` has its name and not only a glob: the proof fetches each of its blobs. */
  readonly namedPlainly?: boolean
  /** It is kept even if it refers to deleted content. Unlike a protected tag it may be broken. */
  readonly guarded?: boolean
}

/** A tag that matches and is kept. */
export interface Unselected {
  readonly tag: Tag
  /** Undefined if it does not resolve. */
  readonly digest?: Digest
  readonly because: StayReason
}

/** How the tags of one repository were selected. */
export interface Selection {
  readonly unselected: readonly Unselected[]
  /** The tags that counted for `keep-newest`, sorted: if one disappears, an older image takes its place. */
  readonly counted: readonly Tag[]
  /** When the images of matching tags were created, in milliseconds since the epoch, as far as that was asked for. */
  readonly created: ReadonlyMap<Digest, number>
  /** The bytes of the images of matching tags. */
  readonly sizes: ReadonlyMap<Digest, number>
}

/** What to do in one repository. */
export interface RepositoryPlan {
  readonly repository: Repository
  readonly scope: Rules['scope']
  readonly tags: readonly PlannedTag[]
  /** Parents before children. */
  readonly manifests: readonly PlannedContent[]
  readonly blobs: readonly PlannedContent[]
  readonly kept: readonly Kept[]
  readonly remaining: readonly Remaining[]
  /** How to remove a label whose manifest stays. Undefined if there is no way, or none is needed. */
  readonly way?: Way
  /** Undefined if tags were named. */
  readonly selection?: Selection
  /** What cannot be read and `unreadable-tags: ignore` passes over: tags, manifests, subjects of referrers. */
  readonly ignored: ReadonlySet<Tag | Digest>
  /** Every manifest and blob of the purged images, whether it is deleted or kept. */
  readonly image: ReadonlySet<Digest>
  /** Why this plan must not be carried out. Empty if it may be. */
  readonly refusals: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** What to do in the whole run. */
export interface Plan {
  readonly repositories: readonly RepositoryPlan[]
  readonly fingerprint: Digest
  /** Why no repository may be purged, besides their own refusals. */
  readonly refusals: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** What to delete in one repository, and what is there. */
export interface Case {
  readonly target: Asked
  readonly survey: Survey
  /** Undefined if tags were named. */
  readonly selection?: Selection
}
