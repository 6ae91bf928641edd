import type { Digest } from '../oci/digest.js'
import type { UnreadManifest } from '../survey/problem.js'
import type { Endpoint } from './item.js'

/** Why a response to the GET of a purged item does not show that it is gone. */
export type FindingFlaw =
  /** A 2xx: the item is still served. */
  | {
      readonly kind: 'served'
      readonly status: number
      /** The content that the headers promise did not come. */
      readonly headersOnly: boolean
      /** The header by which a cache in front of the registry says that it responded. */
      readonly cache?: string
    }
  /** The registry redirects to a storage that has no such content. */
  | { readonly kind: 'redirected' }
  /** Another status, or no response at all. */
  | { readonly kind: 'proves-nothing'; readonly answered: string }
  /** A 404 or 410 that a cache in front of the registry stored. */
  | { readonly kind: 'cached-absence'; readonly status: number; readonly cache: string }
  /** A 404 or 410 that differs from the one for a digest that never existed. */
  | { readonly kind: 'foreign-absence'; readonly answered: string; readonly never: string }

/** A request by which a round sees that the registry still responds for what it has. */
export type ControlTarget =
  | { readonly kind: 'manifest' | 'blob'; readonly digest: Digest }
  | { readonly kind: 'tag list' }
  | { readonly kind: '/v2/' }

/** Why the controls of a round do not vouch for its 404s. */
export type ControlFlaw =
  /** Nothing is left that could serve as a control. */
  | { readonly kind: 'no-control' }
  /** The control got no response. */
  | { readonly kind: 'control-unanswered'; readonly failure: string }
  /** The response comes out of a cache in front of the registry, as this header says. */
  | { readonly kind: 'control-cached'; readonly control: ControlTarget; readonly cache: string }
  /** The bytes do not hash to the digest. */
  | { readonly kind: 'control-altered'; readonly control: ControlTarget }
  /** Another status than the control must have. */
  | { readonly kind: 'control-refused'; readonly control: ControlTarget; readonly answered: string }
  /** The tag list is no tag list. */
  | { readonly kind: 'control-no-list' }
  /** The GET of a random digest got no response. */
  | { readonly kind: 'comparison-unanswered'; readonly endpoint: Endpoint; readonly failure: string }
  /** The GET of a random digest was not answered with a 404 of the registry's own. */
  | {
      readonly kind: 'comparison-refused'
      readonly endpoint: Endpoint
      readonly answered: string
      readonly cache?: string
    }

/** Why a manifest or blob that a remaining tag needs is not known to be there. */
export type ContentFlaw =
  /** The bytes do not hash to the digest. */
  | { readonly kind: 'altered' }
  /** A cached descriptor of content that is gone looks like this. */
  | { readonly kind: 'headers-only' }
  /** The body ended before its announced length. */
  | { readonly kind: 'cut-off' }
  /** The length in bytes differs from the one in the manifest. */
  | { readonly kind: 'other-length'; readonly length: number; readonly expected: number }
  /** Another status than 200. */
  | { readonly kind: 'refused'; readonly answered: string }
  /** No response came. */
  | { readonly kind: 'unanswered'; readonly failure: string }

/** Content that a remaining tag needs, and what is wrong with it. */
export interface Lacking {
  readonly digest: Digest
  readonly flaw: ContentFlaw
}

/** What is wrong with a tag that was to stay. */
export type RemainingFlaw =
  /** Its manifest was unknown before this run. */
  | { readonly kind: 'dangled' }
  /** Its manifest is unknown now. */
  | { readonly kind: 'removed' }
  /** Neither before nor after this run could it be read. */
  | { readonly kind: 'never-readable'; readonly why: UnreadManifest }
  /** It could not be read at the end. */
  | { readonly kind: 'unreadable'; readonly why: UnreadManifest }
  /** Somebody else moved it to another image, which pulls completely. */
  | { readonly kind: 'moved'; readonly digest: Digest }
  /** It lacks content that this run deleted. */
  | { readonly kind: 'lacks-deleted'; readonly digest: Digest }
  /** Some of its content could not be checked. */
  | { readonly kind: 'unchecked'; readonly content: Lacking }
  /** It lacks content that was read when the run began, and that no DELETE of this run named. */
  | { readonly kind: 'lacks-read'; readonly digests: readonly Digest[] }
  /** It lacks content that no DELETE of this run named, and that was not read when the run began. */
  | { readonly kind: 'lacks-unnamed'; readonly digests: readonly Digest[] }
  /** It came, or moved, during this run and lacks content. */
  | { readonly kind: 'pushed-incomplete'; readonly digests: readonly Digest[] }

/** What is wrong with something that was checked: a value that becomes words in `report/` alone. */
export type Flaw = FindingFlaw | ControlFlaw | ContentFlaw | RemainingFlaw
