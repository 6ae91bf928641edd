import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { UnreadManifest, UnreadReferrers } from '../../survey/problem.js'
import type { NamedBy, PartOf, Solvable } from '../naming.js'
import type { FurtherTags, Rules } from '../plan.js'
import type { AccessProblem } from './access.js'
import type { DeletionProblem } from './deletion.js'

/** Problems of the plan: refusals and warnings. */
export type PlanProblem =
  | RunRefusal
  | NamedProblem
  | LeftBehind
  | UnknownNeeds
  | ReferrerProblem
  | DeletionProblem
  | AccessProblem
  | Outdated
  | Remark

/** A tag and the manifest that it points to. Without a digest, it does not resolve. */
export interface TagAt {
  readonly tag: Tag
  readonly digest?: Digest
}

/** A manifest or blob of one repository. */
interface Content {
  readonly repository: Repository
  readonly digest: Digest
}

/** A manifest of an image that is to be purged, or of something attached to it. */
interface Part extends Content {
  readonly part: PartOf
}

/** A tag of one repository. */
interface Tagged {
  readonly repository: Repository
  readonly tag: Tag
}

/** Why all repositories of a run are refused. */
export type RunRefusal =
  /** An entry of `protected-tags` matches no remaining tag. If the plan was approved, this is a warning. */
  | { readonly kind: 'protected-tags-match-nothing'; readonly pattern: string }
  /** `approve` is the fingerprint of another plan. */
  | { readonly kind: 'fingerprint-differs'; readonly fingerprint: Digest; readonly approved: Digest }
  /** The plan deletes more tags than `max-deletions` allows. */
  | {
      readonly kind: 'max-deletions'
      /** How many tags the plan deletes. */
      readonly tags: number
      readonly allowed: number
      /** In how many repositories. */
      readonly repositories: number
      /** The repository with most of these tags. */
      readonly most: Repository
    }

/** Why a named item cannot be purged. */
export type NamedProblem =
  /** A named tag does not exist. */
  | ({
      readonly kind: 'tag-absent'
      /** The tags that the repository has. */
      readonly listed: readonly Tag[]
    } & Tagged)
  /** The registry lists a named tag, but does not know its manifest. */
  | ({ readonly kind: 'tag-dangles'; readonly scope: Rules['scope'] } & Tagged)
  /** A named tag, or something in its graph, cannot be read or contradicts itself. */
  | ({
      readonly kind: 'tag-unreadable'
      readonly why: UnreadManifest
      readonly furtherTags: FurtherTags
    } & Tagged)
  /** A named tag does not point to the digest written beside it. */
  | ({
      readonly kind: 'tag-elsewhere'
      readonly digest: Digest
      /** The digest that was written beside the tag. */
      readonly written: Digest
      readonly scope: Rules['scope']
    } & Tagged)
  /** A named tag resolves, but the tag list lacks it. */
  | ({ readonly kind: 'tag-unlisted' } & Tagged)
  /** The registry does not know a named manifest, so its blobs are unknown. */
  | ({ readonly kind: 'manifest-absent' } & Part)
  /** A manifest of the image cannot be read. */
  | ({ readonly kind: 'manifest-unreadable'; readonly why: UnreadManifest } & Part)
  /** The registry returned a schema 1 manifest, which may be a conversion of what it stores. */
  | ({ readonly kind: 'manifest-schema1' } & Part)
  /** A manifest of the image is of a kind that this action does not know. */
  | ({ readonly kind: 'manifest-of-unknown-kind' } & Part)
  /** A manifest of the image lists content that is, by its media type, neither a manifest nor a blob. */
  | ({ readonly kind: 'content-of-unknown-type' } & Part)
  /** A well-known empty blob was named as a manifest. */
  | ({ readonly kind: 'empty-blob-named' } & Content)
  /** `blobs` names a manifest. */
  | ({ readonly kind: 'manifest-among-blobs' } & Content)
  /** A remaining tag needs content that was named. */
  | ({
      readonly kind: 'named-but-needed'
      readonly by: readonly NamedBy[]
      /** The tags that need it, without those that point to it. */
      readonly tags: readonly TagAt[]
      /** The manifests through which they need it. */
      readonly parents: readonly { readonly kind: 'index' | 'manifest'; readonly digest: Digest }[]
    } & Content &
      Solvable)

/** Why part of the image would still be served after the purge. */
export type LeftBehind =
  /** Other tags point to a manifest of the image, or to one with the same config. */
  | ({
      readonly kind: 'alias'
      readonly repository: Repository
      /** The other tags. */
      readonly tags: readonly TagAt[]
      /** The purged tags that were named: `scope: tag` would remove only these. */
      readonly labels: readonly Tag[]
      readonly furtherTags: FurtherTags
    } & Solvable)
  /** `shared-blobs` is `fail`, and remaining tags need content of the image. */
  | {
      readonly kind: 'shared-blobs'
      readonly repository: Repository
      readonly kept: readonly { readonly digest: Digest; readonly heldBy: readonly Tag[] }[]
      readonly furtherTags: FurtherTags
    }

/** Whether `unreadable-tags: ignore` applies to a problem, and how else the user can solve it. */
interface Ignoring {
  /** `ignored`: the run ignores it, so it is a warning. `possible`: the input would ignore it. `never`: it cannot. */
  readonly ignoring: 'ignored' | 'possible' | 'never'
  readonly furtherTags: FurtherTags
}

/** Why it is unknown what a remaining tag, or a tag that is attached to the image by its name, needs. */
export type UnknownNeeds =
  /** A remaining tag cannot be read. */
  | ({ readonly kind: 'remaining-tag-unreadable'; readonly why: UnreadManifest } & Tagged & Ignoring)
  /** The response for a remaining tag contradicts itself. */
  | ({ readonly kind: 'remaining-tag-contradictory'; readonly why: UnreadManifest } & Tagged)
  /** The registry lists a protected tag, but does not know its manifest. */
  | ({ readonly kind: 'protected-tag-dangles' } & Tagged & Ignoring)
  /** A manifest that remaining tags need cannot be read. */
  | ({
      readonly kind: 'needed-manifest-unreadable'
      readonly tags: readonly Tag[]
      /** Undefined if the registry does not know it. */
      readonly why?: UnreadManifest
    } & Content &
      Ignoring)
  /** The referrers of a manifest that remaining tags need cannot be listed. */
  | ({
      readonly kind: 'remaining-referrers-unclear'
      readonly repository: Repository
      readonly subject: Digest
      readonly why: UnreadReferrers
    } & Ignoring)
  /** A tag that is attached to the image by its name cannot be read. */
  | ({ readonly kind: 'attached-tag-unreadable'; readonly why: UnreadManifest } & Tagged)

/** Why the referrers of content that the plan deletes are unknown. */
export type ReferrerProblem =
  /** The referrers of a manifest that the plan deletes cannot be listed. */
  | {
      readonly kind: 'referrers-unclear'
      readonly repository: Repository
      readonly subject: Digest
      readonly why: UnreadReferrers
    }
  /** A referrer of a manifest that the plan deletes cannot be read. */
  | ({
      readonly kind: 'referrer-unreadable'
      readonly subject: Digest
      readonly why: UnreadManifest
    } & Content)

/** A change since the survey. */
export type Outdated =
  | Doubt
  /** A tag that the plan deletes now points to another manifest. */
  | ({ readonly kind: 'tag-moved'; readonly digest: Digest } & Tagged)
  /** A remaining tag that did not resolve when the plan was made now resolves. */
  | ({ readonly kind: 'tag-revived' } & Tagged)
  /** A tag that counted for `keep-newest` is gone, so an older image takes its place. */
  | ({ readonly kind: 'counted-tag-gone' } & Tagged)
  /** A tag or an untagged manifest was attached to the image after the plan was made. */
  | {
      readonly kind: 'newcomer'
      readonly repository: Repository
      readonly name: { readonly tag: Tag } | { readonly digest: Digest }
      /** The manifest that it is attached to. */
      readonly subject?: Digest
    }

/** Why it is no longer known what the tags need. Then nothing more may be deleted. */
export type Doubt =
  /** After the plan was made, a tag cannot be read. */
  | ({ readonly kind: 'tag-unreadable-now'; readonly why: UnreadManifest } & Tagged)
  /** After the plan was made, the registry no longer knows the manifest of a protected tag. */
  | ({ readonly kind: 'protected-tag-unknown-now' } & Tagged)
  /** After the plan was made, a manifest that a tag needs cannot be read. */
  | ({
      readonly kind: 'needed-manifest-unreadable-now'
      /** Undefined if the registry does not know it. */
      readonly why?: UnreadManifest
    } & Content)
  /** After the plan was made, the referrers of a manifest cannot be listed. */
  | {
      readonly kind: 'referrers-unclear-now'
      readonly repository: Repository
      readonly subject: Digest
      readonly why: UnreadReferrers
    }

/** Warnings of the plan. */
export type Remark =
  /** The registry does not know the repository, but everything was named by digest. */
  | { readonly kind: 'repository-forgotten'; readonly repository: Repository }
  /** A manifest of the image is already gone, so its config and layers are unknown. */
  | ({ readonly kind: 'manifest-gone' } & Content)
  /** The registry lists a remaining tag, but does not know its manifest. It was broken before the run. */
  | ({ readonly kind: 'remaining-tag-dangles' } & Tagged)
  /** A tag is deleted that was not named: it points to a referrer of the image, but its name does not show this. */
  | ({ readonly kind: 'attached-tag-deleted'; readonly subject: Digest } & Tagged)
  /** A tag is attached to the image, but is kept because it also serves content that is kept. */
  | ({ readonly kind: 'attached-tag-kept' } & Tagged)
  /** A manifest names other places that have the content (a foreign layer). */
  | ({ readonly kind: 'content-elsewhere' } & Content)
