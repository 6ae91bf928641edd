/** What was requested. The same response can mean different things for different requests. */
export type Asked =
  /** A manifest, by tag or by digest. */
  | 'manifest'
  | 'tag-list'
  | 'referrers'
  | 'blob'
  /** DELETE of a random name, which never existed. */
  | 'probe-tag'
  | 'probe-manifest'
  | 'probe-blob'
  /** DELETE of something that exists. */
  | 'delete-tag'
  | 'delete-manifest'
  | 'delete-blob'

/** What a response means. A response without a row in the table is `unclear`, and then nothing is deleted. */
export type Meaning =
  /** It worked. */
  | 'done'
  /** The registry promises to do it, perhaps later (202, distribution-spec end-9 and end-10). Only a GET shows whether it did. */
  | 'asynchronous'
  /** The registry does not know the content, the tag or the repository. */
  | 'unknown'
  /** The registry, or a gateway in front of it, does not know it. It counts if what never existed gets the same response. */
  | 'perhaps-unknown'
  /** The registry has no such endpoint, or never does this. */
  | 'unsupported'
  /** Deletion is switched off, or the registry is a pull-through cache. */
  | 'off'
  /** The registry is in read-only mode. */
  | 'read-only'
  /** The registry does not accept the credentials (401). */
  | 'unauthenticated'
  /** The user may not do this (403). */
  | 'forbidden'
  /** A manifest or a tag still refers to it. It can be deleted after that one. */
  | 'referenced'
  /** A rule protects it: an immutable tag, a lock, a retention period. */
  | 'locked'
  /** The registry redirects a request that must not be redirected. */
  | 'redirected'
  /** The registry asks for a pause (429). */
  | 'throttled'
  /** The registry failed (5xx), and it is unknown whether the request worked. */
  | 'failed'
  /** The response is not the registry's own: a proxy, a firewall or a login page in front of it sent it. */
  | 'foreign'
  | 'unclear'

/** The form of a body, told by its content. The media type counts only for HTML: some registries send JSON as text/plain. */
export type Form =
  /** JSON with error codes, in the format of the specification. */
  | 'errors'
  /** A JSON object without any key. */
  | 'no-keys'
  /** An index: a JSON object with a list of `manifests`, or null for an empty one. */
  | 'index'
  /** Other JSON. */
  | 'json'
  | 'html'
  | 'text'
  | 'empty'

/** One row of the table: the responses to these requests with this status, form and code have this meaning. */
export interface Row {
  readonly asked: readonly Asked[]
  /** One status, or all of a class. */
  readonly status: number | '2xx' | '3xx' | '4xx' | '5xx'
  /** Any form if undefined. */
  readonly form?: readonly Form[]
  /** Error codes, one of which the body has. `*_UNKNOWN` stands for every code with this end. Any code if undefined. */
  readonly code?: readonly string[]
  /** Error codes, none of which the body may have. */
  readonly otherCode?: readonly string[]
  /** Whether the `Allow` header lists DELETE; any header if undefined. */
  readonly allowsDelete?: false
  readonly means: Meaning
  /** The registries that send it, and how that is known. */
  readonly source: string
}
