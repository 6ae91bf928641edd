import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { UnknownDate, UnreadManifest, UnreadReferrers } from '../survey/problem.js'

/** Why a selected tag loses only its label, while its manifest and everything below it is kept. */
export type LabelReason =
  /** The scope is `tag`. */
  | { readonly kind: 'scope-tag' }
  /** Remaining tags point to its manifest. */
  | { readonly kind: 'same-manifest'; readonly tags: readonly Tag[] }
  /** Remaining tags point to a child of its manifest. */
  | { readonly kind: 'same-child'; readonly tags: readonly Tag[]; readonly child: Digest }
  /** A remaining index or image needs its manifest. */
  | { readonly kind: 'needed' }
  /** A remaining manifest has the same config, so it is the same image. */
  | { readonly kind: 'same-config'; readonly digest: Digest }

/** Why the date of an image cannot be used. */
export type DateDoubt =
  /** The date is missing or cannot be read. */
  | { readonly kind: 'date-unknown'; readonly why?: UnknownDate }
  /** The date is one that builders write to make builds reproducible. Milliseconds since the epoch. */
  | { readonly kind: 'date-meaningless'; readonly at: number }
  /** The date is in the future. Milliseconds since the epoch. */
  | { readonly kind: 'date-in-future'; readonly at: number }

/** Why the content of an image is unknown. `digest` is the image itself or something attached to it. */
export type ContentDoubt =
  /** A schema 1 manifest. */
  | { readonly kind: 'schema1'; readonly digest: Digest }
  /** A manifest of a kind that this action does not know. */
  | { readonly kind: 'unknown-kind'; readonly digest: Digest }
  /** A manifest that lists content of an unknown media type. */
  | { readonly kind: 'unknown-media-type'; readonly digest: Digest }
  /** A manifest that cannot be read. */
  | { readonly kind: 'manifest-unreadable'; readonly digest: Digest; readonly why: UnreadManifest }
  /** Its referrers cannot be listed. */
  | { readonly kind: 'referrers-unclear'; readonly digest: Digest; readonly why: UnreadReferrers }
  /** A tag that is attached to it by name cannot be read. */
  | { readonly kind: 'attached-tag-unreadable'; readonly tag: Tag; readonly why: UnreadManifest }

/** Why a tag that matches is kept. */
export type StayReason =
  | DateDoubt
  /** The registry does not know its manifest. */
  | { readonly kind: 'dangling' }
  /** It cannot be read. */
  | { readonly kind: 'unreadable'; readonly why: UnreadManifest }
  /** An entry of `protected-tags` matches it. */
  | { readonly kind: 'protected'; readonly pattern: string }
  /** Its image is one of the newest. `place` counts from 1. */
  | { readonly kind: 'among-newest'; readonly place: number; readonly keepNewest: number }
  /** Its image is not older than `older-than`. Both in milliseconds. */
  | { readonly kind: 'too-young'; readonly age: number; readonly olderThan: number }
  /** The content of its image is unknown. `image` is the image's manifest. */
  | { readonly kind: 'content-unknown'; readonly image: Digest; readonly doubt: ContentDoubt }
  /** It should lose only its label, but the registry cannot remove a label alone. `answered` is the response to the probe. */
  | { readonly kind: 'label-not-removable'; readonly label: LabelReason; readonly answered: string }

/** Why a tag that matches is kept, or loses only its label. */
export type Reason = LabelReason | StayReason
