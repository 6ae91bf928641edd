import type { Answer, Fault, GivenAnswer } from './answer.js'
import type { RecordedRequest } from './request.js'
import type { MemoryStore } from './store.js'
import type { DeleteTarget, DeleteTwist, Kind, ReadTwist } from './twists.js'

export interface Paging {
  /** The most tags of one page, whatever `n` asks for. */
  readonly size: number
  /** `unquoted`: `rel=next`, as olareg writes it. */
  readonly rel?: 'quoted' | 'unquoted'
  /** Where Link leads. `repeated`: every page links to the second one, so that the list never ends. */
  readonly target?: 'relative' | 'absolute' | 'foreign' | 'repeated'
  /** The whole Link header for a target, in whatever form. */
  readonly header?: (target: string) => string
  /** The origin for `foreign`; by default one that resolves nowhere. */
  readonly foreignOrigin?: string
  /** The last page holds nothing: the page before it does not know yet that it is the last one. */
  readonly emptyLast?: boolean
  /** Each page links on, the last one, which holds nothing, to an empty `last` (serverless-registry before 2025). */
  readonly circle?: boolean
  /** The first request with a `last` answers 404 with an empty body (zot, where that tag was deleted meanwhile). */
  readonly missingOnce?: boolean
  /** `skips`: when the tag in `last` is gone, the one after it is left out (3.0.0). */
  readonly goneLast?: 'right' | 'skips'
}

export interface Access {
  /** The authenticated user; undefined where `users` is not set. */
  readonly user: string | undefined
  readonly action: 'pull' | 'push' | 'delete' | 'catalog'
  /** The kind of reference; undefined where the request names none. */
  readonly kind: Kind | undefined
  readonly repo: string | undefined
  readonly request: RecordedRequest
}

export interface Referrer {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** What a hook may answer; undefined: nothing, the registry goes on as usual. */
export type Interception = GivenAnswer | Fault | undefined | void

/**
 * The switches. All of them may be changed while the registry runs. Without any it behaves like distribution 3.1.1
 * with deletion on, no cache, no authentication.
 */
export interface MemoryOptions {
  /** Certificate and key in PEM: https instead of http. With `clientCa` only clients with a certificate of it. */
  tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string }
  /** The clock for `time` of requests and for `deleteLag`; by default the machine's. */
  now?: () => number

  // --- the kind of registry

  /**
   * `2.8`: T is 400 DIGEST_INVALID, `n` is ignored, OCI indexes need their Accept, Docker images turn into schema 1.
   * `zot`: Accept is ignored, what is referenced is refused (405 DENIED), the referrers API is on.
   * `olareg`: what Accept does not list is hidden, delete off is 405 without a body; besides it turns on `errorType`,
   * `unknownIsEmpty`, `unquotedLinks`, `noCatalog`, `referrers` and `sha512Manifests`, if given at the start.
   */
  dialect?: '3.1' | '2.8' | 'zot' | 'olareg'
  /** The type of every JSON error; olareg says `text/plain; charset=utf-8`. */
  errorType?: string
  /** GitLab: DELETE /v2/<name>/tags/reference/<tag>, and its version header on every answer. Before 16.4 there was no T. */
  gitlab?: boolean

  // --- deletion as a whole

  /** Delete is off: 405 UNSUPPORTED for tag, manifest and blob. */
  deleteOff?: boolean
  /** Delete is off on 3.0.0 and 3.1.0 (CVE-2026-41888): tags go all the same, manifests and blobs are 405. */
  deleteOff30?: boolean
  /** Maintenance mode: every write is 405 `text/plain` with `Allow: GET, HEAD`. */
  readOnly?: boolean
  /** Pull-through cache: every write is 405 UNSUPPORTED. */
  pullThrough?: boolean
  /** No DELETE at all: plain-text 404 without a code (ECR as it was). */
  noDeleteEndpoint?: boolean
  /** These kinds answer UNSUPPORTED with this status (Quay: blob 405; Harbor: tag 400; ghcr.io: all 405). */
  unsupported?: Partial<Record<Kind, 400 | 405>>

  // --- refusals that depend on what else exists

  /** A manifest that an existing index lists is refused: zot 405 DENIED, GitLab 409 MANIFEST_REFERENCED, Harbor 412. */
  parentsFirst?: 'DENIED' | 'MANIFEST_REFERENCED' | 'PRECONDITION'
  /** A manifest that still has a tag is refused: Artifact Registry 400 GOOGLE_MANIFEST_DANGLING_TAG, Docker Hub 403. */
  refuseWhileTagged?: 'GOOGLE_MANIFEST_DANGLING_TAG' | 'DENIED'
  /** A blob that any manifest of the repository names, tagged or not, is 405 DENIED (zot). */
  refuseReferencedBlobs?: boolean

  // --- what a deletion does and says

  /** Looks at each deletion that would succeed; see `deleteTwists` for the usual ones. */
  onDelete?: (target: DeleteTarget) => DeleteTwist | undefined
  /** Asynchronous deletion: 202 at once, gone only after so many milliseconds (Infinity: never). */
  deleteLag?: { readonly ms: number; readonly kinds?: readonly Kind[] }
  /** DELETE of a blob says 202 whether or not there was one (Gitea). */
  blobDeleteAlways202?: boolean
  /**
   * Gitea: a manifest goes with its last tag, and with it the blobs that no other manifest of the repository names, unless
   * it was pushed by its digest as well. `always`: also then.
   */
  tagDeleteTakesManifest?: boolean | 'always'
  /**
   * serverless-registry: a DELETE on /manifests/ looks at so many keys, tags and digests, and drops the tags among them that
   * point to the digest. If there are more keys it is 400 MANIFEST_TAGS with a Link along which it goes on. `header` makes
   * the Link of the whole address.
   */
  deleteSteps?: { readonly keys: number; readonly header?: (target: string) => string }
  /** Deleting a manifest leaves its tags behind, dangling (Nexus, 2.8 on S3). */
  manifestDeleteKeepsTags?: boolean

  // --- caches, replicas, reads that write

  /** So many processes on one store, each with an `inmemory` cache, behind strict round robin per request. */
  replicas?: number
  /** Replicas know only what they were asked for; by default each has seen everything that was put into the store. */
  replicasStartCold?: boolean
  /** HEAD or a Range on a blob that is not linked brings it back (zot with dedupe, here without any condition). */
  headRevives?: boolean
  /** zot with `dedupe`: HEAD or a Range on a blob brings it back while another repository links it. */
  dedupe?: boolean
  /** Redis cache up to 3.0.0: a deleted blob is served again once its digest is touched in another repository. */
  revivesElsewhere?: boolean
  /** Blobs are answered with 307 to another origin, which serves them after their deletion: `storage`, or the given one. */
  redirectBlobs?: boolean | string

  // --- pushes

  /** An index that lists nothing is 400 MANIFEST_INVALID. */
  refuseEmptyIndex?: boolean
  /**
   * Looks at each PUT of a manifest, parsed where it is JSON: whether the registry goes on with it, and what it says.
   * The `deleteTwists` fit.
   */
  onPut?: (
    request: RecordedRequest,
    manifest: Readonly<Record<string, unknown>> | undefined,
  ) => DeleteTwist | undefined
  /** A manifest is stored in other bytes than were sent; the answer names the digest that these have. */
  rewritesPut?: boolean
  /** Where an upload goes on: at an absolute address (distribution), a relative one, or at `storage`, which takes none. */
  uploadLocation?: 'absolute' | 'relative' | 'foreign'

  // --- lists

  /** Pages of a bounded size, in one of the ways in which registries link them. */
  paging?: Paging
  /**
   * The tag list of 3.1.1 on S3: in the order of keys, without any tag that goes on a listed one with a digit, a letter
   * or `_` (`v1` hides `v10`). `last=v1/~` starts behind the folder of `v1`.
   */
  hidesTags?: boolean
  /** `last` is compared with names, whatever it is, so that a list does not tell how it is made (Gitea, Harbor). */
  listsByNames?: boolean
  /**
   * A cache in front that keeps every list for good: by its path alone, so that a query does not help, or by its whole
   * URL. `says` are headers of what comes out of it; without any it is silent.
   */
  cacheLists?: { readonly key: 'path' | 'url'; readonly says?: Readonly<Record<string, string>> }
  /** Every Link says `rel=next` without quotes (olareg). */
  unquotedLinks?: boolean
  /** `n` in a tag list is answered 400 PAGINATION_NUMBER_INVALID (3.1.0 above 1000). */
  refuseN?: boolean
  /** Tags that resolve but are not in the list (3.1.0–3.1.1 on S3), as `tag` or `repository:tag`. */
  unlisted?: readonly string[]
  /** Tags that are in the list but answer 404 MANIFEST_UNKNOWN, as `tag` or `repository:tag`. */
  extraListed?: readonly string[]
  /** The children of indexes, without a tag, are in the tag list as `sha256:<hex>` (Artifactory). */
  listsChildren?: boolean
  /** The list of a repository without tags has its name only, without the key `tags` (Go's `omitempty`). */
  omitsEmptyTags?: boolean
  /** The tag list of an unknown repository: 200 `[]` instead of 404 NAME_UNKNOWN (olareg). */
  unknownIsEmpty?: boolean
  /** A repository without tags is unknown to its tag list, as on an object store, which has no empty folders. */
  emptyIsUnknown?: boolean
  /**
   * serverless-registry: each page of the catalog links on without brackets and port, the last one, which holds nothing, to
   * an empty `last`. `last` is a key of its storage.
   */
  catalogOfKeys?: boolean
  /** No catalog: 404 with an empty body (olareg). */
  noCatalog?: boolean

  // --- reads

  /** By reference (`tag`, `sha256:…`, `repository:tag` or `repository@sha256:…`): what its GET and HEAD answer. */
  reads?: Record<string, ReadTwist | ((request: RecordedRequest) => ReadTwist | undefined)>
  /** Schema 1 manifests are served and taken; by default by all but 3.1, where reading a stored one is 500 UNKNOWN. */
  schema1?: boolean
  /**
   * A manifest can be put by its sha512 digest, and has that one from then on (olareg). `own`: the sha256 of the same
   * bytes is unknown. `twin`: it names the same manifest, for GET and DELETE alike. Otherwise such a PUT is refused.
   */
  sha512Manifests?: 'own' | 'twin'
  /** The referrers API: from the manifests' `subject`, or the entries given for a digest. Off: 404 page not found. */
  referrers?: boolean | ((repo: string, digest: string) => readonly Referrer[])
  /** The most entries of one page of the referrers API. */
  referrersPageSize?: number
  /** What the referrers API answers instead, for a digest and a page (the first is 1). */
  referrersTwist?: (repo: string, digest: string, page: number) => GivenAnswer | Fault | undefined

  // --- who may do what

  /** Basic authentication: user → password. */
  users?: Readonly<Record<string, string>>
  realm?: string
  /** What an authenticated (or anonymous) caller may not do: 401 with a challenge, or 403 DENIED. */
  permissions?: (access: Access) => 401 | 403 | undefined

  // --- trouble

  /** Asked for each request: everything gone, nobody known any more, or only blobs gone. For a moment of the test's choice. */
  blanket?: (request: RecordedRequest, store: MemoryStore) => 'all-404' | 'all-401' | 'blobs-404' | undefined
  /** 429 for the next `times` requests (that `match`); counted down in place. */
  tooMany?: {
    times: number
    readonly retryAfter?: string
    readonly match?: (request: RecordedRequest) => boolean
  }
  /** Milliseconds by which an answer is late. */
  delay?: number | ((request: RecordedRequest) => number)
  /** The text of `message` and `detail` of every error, e.g. a workflow command. */
  errorMessage?: string
  /** The code of every 404 that names one (Harbor: `NOT_FOUND`). */
  unknownCode?: string
  /** The whole body of every error, with its type. */
  errorBody?: { readonly body: string; readonly type?: string }
  /** Headers that every answer has twice, with one value: something in front adds those that are there already. */
  repeatsHeaders?: readonly string[]
  /** Further headers of every answer, e.g. `Warning` or `X-Cache`. */
  extraHeaders?: Readonly<Record<string, string>>

  // --- hooks

  /** Before anything else is looked at; what it returns is the answer. */
  intercept?: (request: RecordedRequest, store: MemoryStore) => Interception | Promise<Interception>
  /** When the request was handled but its answer not yet sent: the moment to push a tag. */
  after?: (request: RecordedRequest, store: MemoryStore, answer: Answer | Fault) => void | Promise<void>
}
