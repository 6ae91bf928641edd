import { randomBytes } from 'node:crypto'
import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { stoppable, throwIfStopped } from './attempt.js'
import { cacheOf } from './cached.js'
import type { Deleting, Reading } from './reading.js'
import { LIMITS, Requests, type ReadShape, type RequestOptions, type Upload } from './requests.js'
import type { Purpose, Response, Send } from './send.js'
import type { Random } from './time.js'

/** Milliseconds. They are long because a registry reads many files to list many tags. */
const LIST = { headersTimeout: 240_000, timeout: 300_000 } as const
/** Milliseconds. It is long enough to read a whole layer over a slow connection. */
const HASH_TIMEOUT = 1_800_000
const BUSTER_BYTES = 12

/** Reads for the proof. The proof adds cache busters itself. */
const PROOF: ReadonlySet<Purpose> = new Set(['verify', 'control', 'last-check'])

/** The parameters of a client. */
export interface ClientOptions extends RequestOptions {
  /** Scheme, host and port. */
  readonly origin: string
  /** The source of the credentials, such as `the inputs`. Undefined for anonymous access. */
  readonly credentialsFrom: string | undefined
  /** Retries according to the patience of each request. */
  readonly send: Send
  /** Milliseconds for which the registry asks for a pause. */
  readonly heldFor: () => number
  /** For cache busters. By default the system's randomness. */
  readonly random?: Random
}

/** The endpoints of one registry. Each method returns the response, of any status, or throws WireError or Stopped. */
export class Client {
  readonly #options: ClientOptions
  readonly #requests: Requests
  readonly #send: Send
  #redirectsBlobs = false

  constructor(options: ClientOptions) {
    this.#options = options
    this.#requests = new Requests(options)
    this.#send = stoppable(options.send)
  }

  get origin(): string {
    return this.#options.origin
  }

  /** The source of the credentials. Undefined for anonymous access. */
  get credentialsFrom(): string | undefined {
    return this.#options.credentialsFrom
  }

  /** Milliseconds for which the registry asks for a pause, usually 0. */
  get heldFor(): number {
    return this.#options.heldFor()
  }

  /** Whether the registry has redirected a blob to its storage, such as S3, GCS or Azure. */
  get redirectsBlobs(): boolean {
    return this.#redirectsBlobs
  }

  /** @returns a value for `Reading.cacheBuster` that was never sent before */
  newCacheBuster(): string {
    return this.#options.random?.hex(BUSTER_BYTES) ?? randomBytes(BUSTER_BYTES).toString('hex')
  }

  /** Aborted when no new work may start. */
  get stop(): AbortSignal {
    return this.#options.stop
  }

  /** @throws Stopped if no new work may start */
  throwIfStopped(): void {
    throwIfStopped(this.#options.stop)
  }

  /** The base of the API (end-1). Shows whether the registry responds and accepts the credentials. */
  base(reading: Reading): Promise<Response> {
    return this.#read(new URL('/v2/', this.origin), reading, { limit: LIMITS.small })
  }

  /**
   * A page of the tag list (end-8a). Sends no `n`: distribution 3.1.0 refuses large values, and without `n` it lists
   * every tag.
   */
  tagPage(
    repository: Repository,
    page?: URL,
    reading: Reading = { purpose: 'list-tags' },
  ): Promise<Response> {
    const url = page ?? this.#url(repository, 'tags/list')
    return this.#read(url, { ...LIST, ...reading }, { limit: LIMITS.page })
  }

  /** A manifest by tag or digest (end-3). Never conditional: a registry may return 304 for content that is gone. */
  manifest(repository: Repository, reference: Tag | Digest, reading: Reading): Promise<Response> {
    const url = this.#url(repository, `manifests/${reference}`)
    return this.#readPastCaches(url, reading, { limit: LIMITS.manifest })
  }

  /**
   * A blob by plain GET (end-2). Reads a small blob to its end; of a long one only the headers, or with `firstBytes` the
   * first bytes as well. For purged blobs, and for blobs that the purged image shares with others: some registries
   * restore a blob after a HEAD or a Range request (safety rule 8).
   */
  blob(repository: Repository, digest: Digest, reading: Reading): Promise<Response> {
    return this.#readPastCaches(this.#url(repository, `blobs/${digest}`), reading, {
      limit: LIMITS.small,
      body: 'peek',
    })
  }

  /**
   * The first byte of a blob, by Range. Only as the last request of a run: some registries restore a purged blob after it
   * (safety rule 8).
   */
  blobByRange(repository: Repository, digest: Digest, reading: Reading): Promise<Response> {
    return this.#read(this.#url(repository, `blobs/${digest}`), reading, {
      limit: LIMITS.error,
      body: 'peek',
      range: 'bytes=0-0',
    })
  }

  /** Checks a blob by HEAD (end-2). Only for blobs that this run does not delete. */
  blobHead(repository: Repository, digest: Digest, reading: Reading): Promise<Response> {
    const url = this.#url(repository, `blobs/${digest}`)
    return this.#readPastCaches(url, reading, { method: 'HEAD', limit: LIMITS.error })
  }

  /** The config of an image, read to its end. */
  config(repository: Repository, digest: Digest): Promise<Response> {
    const url = this.#url(repository, `blobs/${digest}`)
    return this.#readPastCaches(url, { purpose: 'read-config' }, { limit: LIMITS.manifest })
  }

  /** A blob, read to its end; only its digests are kept. */
  blobHash(repository: Repository, digest: Digest): Promise<Response> {
    const reading = { purpose: 'hash-blob', timeout: HASH_TIMEOUT } as const
    return this.#read(this.#url(repository, `blobs/${digest}`), reading, {
      limit: LIMITS.small,
      body: 'hash',
    })
  }

  /**
   * The tag that follows `last` in the order of storage keys. On distribution 3.1.1 with S3, it may be a tag that the
   * folder of `last` hides.
   */
  tagBehind(repository: Repository, last: string, reading: Reading): Promise<Response> {
    const url = this.#url(repository, `tags/list?n=1&last=${encodeURIComponent(last)}`)
    return this.#read(url, { ...LIST, ...reading }, { limit: LIMITS.page })
  }

  /** A page of the catalog. */
  catalogPage(page?: URL, reading: Omit<Reading, 'purpose'> = {}): Promise<Response> {
    const url = page ?? new URL('/v2/_catalog', this.origin)
    return this.#read(url, { ...LIST, ...reading, purpose: 'list-repositories' }, { limit: LIMITS.page })
  }

  /** A page of the referrers API (distribution-spec 1.1, end-12). */
  referrers(
    repository: Repository,
    digest: Digest,
    page?: URL,
    reading: Omit<Reading, 'purpose'> = {},
  ): Promise<Response> {
    const url = page ?? this.#url(repository, `referrers/${digest}`)
    return this.#read(url, { ...reading, purpose: 'read-referrers' }, { limit: LIMITS.manifest })
  }

  /** DELETE of a tag or a manifest (end-9). It needs a long time limit: a registry may read all tags first. */
  deleteManifest(repository: Repository, reference: Tag | Digest, deleting: Deleting): Promise<Response> {
    return this.delete(repository, `manifests/${reference}`, deleting)
  }

  /** DELETE of a blob (end-10). */
  deleteBlob(repository: Repository, digest: Digest, deleting: Deleting): Promise<Response> {
    return this.delete(repository, `blobs/${digest}`, deleting)
  }

  /** DELETE of a path below a repository, for endpoints of dialects too. */
  delete(repository: Repository, path: string, deleting: Deleting): Promise<Response> {
    return this.#send(this.#requests.delete(this.#url(repository, path), deleting))
  }

  /** PUT of a manifest under a tag (end-7). Sent once: check the tag to find out whether it worked. */
  putManifest(repository: Repository, tag: Tag, mediaType: string, body: Uint8Array): Promise<Response> {
    const url = this.#url(repository, `manifests/${tag}`)
    return this.#write({ method: 'PUT', url, purpose: 'put-placeholder', body, mediaType })
  }

  /** PUT of a manifest by its own digest (end-7). It changes no tag and no existing content. */
  putByDigest(
    repository: Repository,
    digest: Digest,
    mediaType: string,
    body: Uint8Array,
  ): Promise<Response> {
    const url = this.#url(repository, `manifests/${digest}`)
    return this.#write({ method: 'PUT', url, purpose: 'put-manifest', body, mediaType })
  }

  /**
   * Uploads a small blob: POST to get a location, then PUT of the whole blob (end-4a, end-6).
   *
   * @returns the response to the PUT; the response to the POST if it names no location on the registry's own origin
   */
  async uploadBlob(repository: Repository, digest: Digest, body: Uint8Array): Promise<Response> {
    const url = this.#url(repository, 'blobs/uploads/')
    const purpose = 'upload-blob'
    const started = await this.#write({ method: 'POST', url, purpose, body: new Uint8Array() })
    const location = started.headers.get('location')
    if (started.status !== 202 || location === undefined || !URL.canParse(location, url.href)) return started
    const target = new URL(location, url)
    // Send credentials and content to the registry's own origin only (safety rule 11).
    if (target.origin !== url.origin) return started
    target.searchParams.set('digest', digest)
    return this.#write({ method: 'PUT', url: target, purpose, body, mediaType: 'application/octet-stream' })
  }

  #url(repository: Repository, path: string): URL {
    return new URL(`/v2/${repository}/${path}`, this.origin)
  }

  /** If the first response is from a cache, reads once more with a cache buster. */
  async #readPastCaches(url: URL, reading: Reading, shape: ReadShape): Promise<Response> {
    const response = await this.#read(url, reading, shape)
    const isFinal = reading.cacheBuster !== undefined || PROOF.has(reading.purpose)
    if (isFinal || response.redirected || cacheOf(response) === undefined) return response
    return this.#read(url, { ...reading, cacheBuster: this.newCacheBuster() }, shape)
  }

  async #read(url: URL, reading: Reading, shape: ReadShape): Promise<Response> {
    const response = await this.#send(this.#requests.read(url, reading, shape))
    if (response.redirected && url.pathname.includes('/blobs/')) this.#redirectsBlobs = true
    return response
  }

  #write(upload: Upload): Promise<Response> {
    return this.#send(this.#requests.write(upload))
  }
}
