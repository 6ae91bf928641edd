import type { Digest } from '../oci/digest.js'
import type { ManifestFlaw } from '../oci/manifest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Right } from '../registry/auth/rights.js'
import type { LinkFlaw } from '../registry/lists/flaw.js'

export type { Right }

/**
 * A read that failed or is incomplete. `answered` is the registry's response in one bounded line. `origin` is the origin
 * of the registry.
 */
export type ReadProblem =
  ListProblem | CatalogProblem | NoResponse | GlobProblem | HiddenTagsRemark | TwinProblem | SearchProblem

/** Why the tags of a repository cannot be listed. */
export type ListProblem =
  /** The registry does not know the repository. */
  | {
      readonly kind: 'repository-unknown'
      readonly repository: Repository
      readonly origin: string
      readonly answered: string
    }
  /** The user may not list the tags of the repository (403). */
  | {
      readonly kind: 'no-permission-to-list'
      readonly repository: Repository
      readonly answered: string
      /** The right that is missing, if the registry's challenge tells. */
      readonly right?: Right
    }
  /** The registry asks for credentials (401), and the run has none. */
  | {
      readonly kind: 'credentials-missing'
      readonly repository: Repository
      readonly origin: string
      readonly answered: string
    }
  /** The registry refuses the credentials of the run (401). */
  | {
      readonly kind: 'credentials-refused'
      readonly repository: Repository
      readonly origin: string
      readonly answered: string
      /** Where the credentials come from, such as `the inputs`. */
      readonly source: string
      /** The right that may be missing, if the registry's challenge tells. */
      readonly right?: Right
    }
  /** The registry returned an error instead of a tag list. */
  | {
      readonly kind: 'tag-list-refused'
      readonly repository: Repository
      readonly answered: string
      /** The registry's origin with https, if the response shows that the port expects TLS and the request was plain http. */
      readonly https?: string
      /** Something in front of the registry answered, such as a firewall or a login page. */
      readonly foreign?: true
    }
  /** The response is not a tag list. */
  | { readonly kind: 'tag-list-invalid'; readonly repository: Repository }
  /** The tag list has entries that are not tags, such as digests. What they need is unknown. */
  | {
      readonly kind: 'tag-list-has-other-names'
      readonly repository: Repository
      /** The first of them, each in a bounded length. */
      readonly entries: readonly string[]
      /** How many there are. */
      readonly count: number
      /** Whether all of them are digests. */
      readonly digests: boolean
    }
  /** The tag list cannot be read to its end. */
  | { readonly kind: 'tag-list-not-whole'; readonly repository: Repository; readonly flaw: ListFlaw }
  /** The tag list is stale, even when it is requested past caches. */
  | { readonly kind: 'tag-list-stale'; readonly repository: Repository; readonly sign: StaleSign }
  /** The tag list hides more tags than this action searches for. */
  | { readonly kind: 'too-many-hidden-tags'; readonly repository: Repository; readonly most: number }
  /** The tag list hides tags, or may, and the registry refuses the requests that would find them. */
  | { readonly kind: 'hidden-tags-refused'; readonly repository: Repository; readonly answered: string }

/** Why a list cannot be read to its end. */
export type ListFlaw =
  /** The link to the next page is invalid, or it is missing although the list has more entries. */
  | { readonly is: 'not-followed'; readonly why: LinkFlaw }
  /** A page links to an earlier one. */
  | { readonly is: 'circle' }
  /** A page with a link to the next one names nothing new. */
  | { readonly is: 'no-progress' }
  | { readonly is: 'too-many-entries'; readonly most: number }
  | { readonly is: 'too-many-pages'; readonly most: number }
  /** The list lacks tags that resolve and that it named before. `tag`: the first of them. */
  | { readonly is: 'lacks-tags'; readonly tag: Tag; readonly count: number }
  /** A later page returned 404, each time that the list was read. */
  | { readonly is: 'broken-off'; readonly times: number }

/** Why a manifest could not be read, requested by tag or by digest. */
export type UnreadManifest =
  | Unanswered
  /** The registry returned an error instead of a manifest. */
  | { readonly is: 'refused'; readonly answered: string }
  /** Something in front of the registry answered, such as a firewall or a login page. */
  | { readonly is: 'foreign'; readonly answered: string }
  /** The response comes from a cache, even when it is requested past caches. */
  | { readonly is: 'cached'; readonly cache: string }
  /** The body ended before its announced length, or is too large. */
  | { readonly is: 'cut-off' }
  /** The body cannot be used as a manifest. */
  | { readonly is: 'unusable'; readonly flaw: ManifestFlaw }
  /** The bytes do not hash to the digest in the request. */
  | {
      readonly is: 'other-bytes'
      /** The digest in the request. */
      readonly named: Digest
      /** The digest of the bytes. */
      readonly digest: Digest
    }
  /** The bytes do not hash to the Docker-Content-Digest header. */
  | { readonly is: 'other-header' }
  /** The registry converted another manifest to schema 1, as distribution 2.x does. */
  | { readonly is: 'conversion' }
  /** It was not requested, since it is below more levels of indexes, or more manifests, than this action reads. */
  | { readonly is: 'too-deep'; readonly levels: number; readonly manifests: number }

/** Why the referrers of a manifest could not be listed, although the registry has the API for it. */
export type UnreadReferrers =
  | Unanswered
  /** The response is not a list of referrers. */
  | { readonly is: 'refused'; readonly answered: string }
  /** The list comes from a cache, even when it is requested past caches. */
  | { readonly is: 'cached'; readonly cache: string }
  /** The list cannot be read to its end. */
  | { readonly is: 'flawed'; readonly flaw: ListFlaw }
  /** The response looks as if the registry had no such API. `elsewhere`: a random digest has a list. */
  | { readonly is: 'missing'; readonly elsewhere: boolean }
  /** The list was not requested, since the manifest is below more levels than this action reads. */
  | { readonly is: 'too-deep'; readonly levels: number }

/** Why the date of an image is unknown. */
export type UnknownDate =
  | Unanswered
  /** No config of the image has a date. */
  | { readonly is: 'no-date' }
  /** A manifest of the image was not read. `why` is undefined if the registry does not know it. */
  | { readonly is: 'unread-manifest'; readonly digest: Digest; readonly why?: UnreadManifest }
  /** A manifest of the image is of a kind that has no date. */
  | { readonly is: 'dateless-kind'; readonly digest: Digest }
  /** The registry does not have a config (404 or 410). */
  | { readonly is: 'missing-config'; readonly config: Digest; readonly answered: string }
  /** The registry returned another error instead of a config. */
  | { readonly is: 'refused'; readonly config: Digest; readonly answered: string }
  /** The bytes of a config do not hash to its digest. */
  | { readonly is: 'other-bytes'; readonly config: Digest }
  /** The date in a config is malformed or ambiguous. */
  | { readonly is: 'malformed'; readonly config: Digest }

/** A request got no complete response. `message` names the request and the failure. */
interface Unanswered {
  readonly is: 'unanswered'
  readonly message: string
}

/** The sign that a tag list is stale. */
export type StaleSign =
  /** A header shows that the response comes out of a cache. */
  | { readonly is: 'cached'; readonly cache: string }
  /** The list names a tag that this run deleted by name. */
  | { readonly is: 'names-deleted-tag'; readonly tag: Tag }
  /** The list names a tag whose manifest this run deleted, and nothing shows that it is up to date. */
  | { readonly is: 'names-tag-of-deleted-manifest'; readonly tag: Tag }

/** Why the catalog cannot be read. */
export type CatalogProblem =
  /** The registry did not return a catalog. */
  | { readonly kind: 'catalog-refused'; readonly origin: string; readonly answered: string }
  /** The catalog cannot be read to its end. */
  | { readonly kind: 'catalog-not-whole'; readonly origin: string; readonly flaw: ListFlaw }
  /** The catalog comes from a cache, even when it is requested past caches. */
  | { readonly kind: 'catalog-stale'; readonly origin: string; readonly cache: string }

/** A request got no complete response. */
export interface NoResponse {
  readonly kind: 'no-response'
  /** What happened to which request, and what to do now. */
  readonly message: string
}

/** Why the globs of an input that names repositories cannot be used. */
export type GlobProblem =
  /** An input has globs, and the catalog, which they need, cannot be read. */
  | {
      readonly kind: 'globs-not-expanded'
      readonly input: string
      readonly cause: CatalogProblem | NoResponse
    }
  /** A glob matches no repository in the catalog. */
  | {
      readonly kind: 'glob-without-match'
      readonly input: string
      readonly glob: string
      readonly origin: string
      /** How many repositories the catalog names. */
      readonly listed: number
    }

/** Remarks about a tag list that may hide tags. */
export type HiddenTagsRemark =
  /** The tag list hides tags, and this action found them. */
  | { readonly kind: 'hidden-tags-found'; readonly repository: Repository; readonly count: number }
  /** The tag list may hide tags, and this action did not search for all of them. */
  | {
      readonly kind: 'hidden-tags-not-searched'
      readonly repository: Repository
      /** After how many listed tags no hidden tag was searched for. */
      readonly count: number
    }

/** Why the sha256 digest of a blob that is named by sha512 is unknown. */
export type TwinProblem =
  /** A blob named by sha512 cannot be read, so its sha256 digest is unknown. */
  | {
      readonly kind: 'twin-unreadable'
      readonly repository: Repository
      readonly digest: Digest
      readonly answered: string
    }
  /** The registry returned other bytes for a blob named by sha512, so its sha256 digest is unknown. */
  | { readonly kind: 'twin-of-other-bytes'; readonly repository: Repository; readonly digest: Digest }

/** Why another repository was not searched in full. */
export type SearchProblem =
  /** Another repository could not be searched in full: some requests failed. */
  | {
      readonly kind: 'search-failed'
      readonly repository: Repository
      readonly failed: number
      readonly wanted: number
      /** The response to the first of them. */
      readonly answered: string
    }
  /** The tags of another repository, which may hold what was found there, cannot be listed. */
  | {
      readonly kind: 'holders-unknown'
      readonly repository: Repository
      readonly cause: ListProblem | NoResponse
    }
  /** Some tags of another repository, which may hold what was found there, cannot be read. */
  | { readonly kind: 'holders-unreadable'; readonly repository: Repository; readonly count: number }
