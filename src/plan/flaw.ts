import type { Digest } from '../oci/digest.js'
import type { UnreadManifest } from '../survey/problem.js'
import type { Endpoint } from './item.js'

/** Why the response to the GET of a purged item does not show that the item is gone. */
export type FindingFlaw =
  /** A 2xx: the item is still served. */
  | {
      readonly kind: 'served'
      readonly status: number
      /** The response has headers, but not their content. */
      readonly headersOnly: boolean
      /** The header that shows that a cache in front of the registry responded. */
      readonly cache?: string
    }
  /** The registry redirects to a storage that does not have the content. */
  | { readonly kind: 'redirected' }
  /** Another status, or no response at all. */
  | { readonly kind: 'proves-nothing'; readonly answered: string }
  /** A 404 or 410 that a cache in front of the registry stored. */
  | { readonly kind: 'cached-absence'; readonly status: number; readonly cache: string }
  /** A 404 or 410 that differs from the one for a digest that never existed. */
  | { readonly kind: 'foreign-absence'; readonly answered: string; readonly never: string }

/** The request of a control, which shows that the registry still serves its content. */
export type ControlTarget =
  | { readonly kind: 'manifest' | 'blob'; readonly digest: Digest }
  | { readonly kind: 'tag list' }
  | { readonly kind: '/v2/' }

/** Why the controls of a round do not confirm its 404s. */
export type ControlFlaw =
  /** No content can serve as a control. */
  | { readonly kind: 'no-control' }
  /** The control got no response. */
  | { readonly kind: 'control-unanswered'; readonly failure: string }
  /** The response comes out of a cache in front of the registry. `cache` is the header that shows it. */
  | { readonly kind: 'control-cached'; readonly control: ControlTarget; readonly cache: string }
  /** The bytes do not hash to the digest. */
  | { readonly kind: 'control-altered'; readonly control: ControlTarget }
  /** The control has another status than it must have. */
  | { readonly kind: 'control-refused'; readonly control: ControlTarget; readonly answered: string }
  /** The response for the tag list is not a tag list. */
  | { readonly kind: 'control-no-list' }
  /** The GET of a random digest got no response. */
  | { readonly kind: 'comparison-unanswered'; readonly endpoint: Endpoint; readonly failure: string }
  /** The response to the GET of a random digest is not a 404 of the registry itself. */
  | {
      readonly kind: 'comparison-refused'
      readonly endpoint: Endpoint
      readonly answered: string
      readonly cache?: string
    }

/** Why a manifest or blob that a remaining tag needs may be missing. */
export type ContentFlaw =
  /** The bytes do not hash to the digest. */
  | { readonly kind: 'altered' }
  /** The response has headers, but no content: the registry may have cached a descriptor of content that is gone. */
  | { readonly kind: 'headers-only' }
  /** The body ended before its announced length. */
  | { readonly kind: 'cut-off' }
  /** The length in bytes differs from the one in the manifest. */
  | { readonly kind: 'other-length'; readonly length: number; readonly expected: number }
  /** Another status than 200. */
  | { readonly kind: 'refused'; readonly answered: string }
  /** There is no response. */
  | { readonly kind: 'unanswered'; readonly failure: string }

/** Content that a remaining tag needs, and what is wrong with it. */
export interface Lacking {
  readonly digest: Digest
  readonly flaw: ContentFlaw
}

/** The problem of a tag that was to be kept. */
export type RemainingFlaw =
  /** Its manifest was unknown before this run. */
  | { readonly kind: 'dangled' }
  /** Its manifest is unknown after the run. */
  | { readonly kind: 'removed' }
  /** It could not be read, neither before nor after this run. */
  | { readonly kind: 'never-readable'; readonly why: UnreadManifest }
  /** It could not be read at the end. */
  | { readonly kind: 'unreadable'; readonly why: UnreadManifest }
  /** Somebody else moved it to another image, which is complete. */
  | { readonly kind: 'moved'; readonly digest: Digest }
  /** It lacks content that this run deleted. */
  | { readonly kind: 'lacks-deleted'; readonly digest: Digest }
  /** Some of its content could not be checked. */
  | { readonly kind: 'unchecked'; readonly content: Lacking }
  /** It lacks content that was read when the run began, and that no DELETE of this run named. */
  | { readonly kind: 'lacks-read'; readonly digests: readonly Digest[] }
  /** It lacks content that no DELETE of this run named, and that was not read when the run began. */
  | { readonly kind: 'lacks-unnamed'; readonly digests: readonly Digest[] }
  /** Somebody pushed it during this run, and it lacks content. */
  | { readonly kind: 'pushed-incomplete'; readonly digests: readonly Digest[] }

/** The problem of something that was checked. Only `report/` puts it into words. */
export type Flaw = FindingFlaw | ControlFlaw | ContentFlaw | RemainingFlaw
