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

/** Milliseconds: to list many tags, a registry reads many files. */
const LIST = { headersTimeout: 240_000, timeout: 300_000 } as const
/** Milliseconds: a whole layer is read, however slow the connection. */
const HASH_TIMEOUT = 1_800_000
const BUSTER_BYTES = 12

/** Reads of the proof decide for themselves whether to go past a cache. */
const PROOF: ReadonlySet<Purpose> = new Set(['verify', 'control', 'last-check'])

/** What a client is built from. */
export interface ClientOptions extends RequestOptions {
  /** Scheme, host and port. */
  readonly origin: string
  /** Where the credentials come from, such as `the inputs`. Undefined for anonymous access. */
  readonly credentialsFrom: string | undefined
  /** Retries as far as each request's patience allows. */
  readonly send: Send
  /** Milliseconds for which the registry asks for a pause. */
  readonly heldFor: () => number
  /** For cache busters. By default the system's randomness. */
  readonly random?: Random
}

/** The endpoints of one registry, one method each. They judge no response; each throws WireError or Stopped. */
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

  /** Where the credentials come from. Undefined for anonymous access. */
  get credentialsFrom(): string | undefined {
    return this.#options.credentialsFrom
  }

  /** Milliseconds for which the registry asks for a pause, usually 0. */
  get heldFor(): number {
    return this.#options.heldFor()
  }

  /** Whether any blob was redirected to a store behind the registry, such as S3, GCS or Azure. */
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

  /** The base of the API (end-1): does the registry respond, and does it accept the credentials? */
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

  /** A manifest by tag or digest (end-3). Never a conditional request: 304 is returned for content that is gone. */
  manifest(repository: Repository, reference: Tag | Digest, reading: Reading): Promise<Response> {
    const url = this.#url(repository, `manifests/${reference}`)
    return this.#readPastCaches(url, reading, { limit: LIMITS.manifest })
  }

  /**
   * A blob by plain GET (end-2). A small one is read to its end; of a long one only the headers are read, or with
   * `firstBytes` its first bytes. For blobs that were purged or are shared with the purged image: some registries
   * restore a blob on HEAD or Range (safety rule 8).
   */
  blob(repository: Repository, digest: Digest, reading: Reading): Promise<Response> {
    return this.#readPastCaches(this.#url(repository, `blobs/${digest}`), reading, {
      limit: LIMITS.small,
      body: 'peek',
    })
  }

  /**
   * The first byte of a blob. Only as the last request of a run: some registries restore a purged blob on it (safety
   * rule 8).
   */
  blobByRange(repository: Repository, digest: Digest, reading: Reading): Promise<Response> {
    return this.#read(this.#url(repository, `blobs/${digest}`), reading, {
      limit: LIMITS.error,
      body: 'peek',
      range: 'bytes=0-0',
    })
  }

  /** Whether a blob is there, by HEAD (end-2). Only for blobs that this run does not write to. */
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
   * The tag that the list has after `last`, in the order of storage keys. On distribution 3.1.1 with S3 it may be one
   * that the folder of `last` hides.
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

  /** DELETE of a tag or a manifest (end-9). Allow time for it: a registry may read all tags first. */
  deleteManifest(repository: Repository, reference: Tag | Digest, deleting: Deleting): Promise<Response> {
    return this.delete(repository, `manifests/${reference}`, deleting)
  }

  /** DELETE of a blob (end-10). */
  deleteBlob(repository: Repository, digest: Digest, deleting: Deleting): Promise<Response> {
    return this.delete(repository, `blobs/${digest}`, deleting)
  }

  /** DELETE of a path below a repository, also of one that only a dialect knows. */
  delete(repository: Repository, path: string, deleting: Deleting): Promise<Response> {
    return this.#send(this.#requests.delete(this.#url(repository, path), deleting))
  }

  /** PUT of a manifest under a tag (end-7). Sent once: check the tag to find out whether it worked. */
  putManifest(repository: Repository, tag: Tag, mediaType: string, body: Uint8Array): Promise<Response> {
    const url = this.#url(repository, `manifests/${tag}`)
    return this.#write({ method: 'PUT', url, purpose: 'put-placeholder', body, mediaType })
  }

  /** PUT of a manifest by its own digest (end-7). It changes no tag, and no bytes that are there already. */
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
   * Uploads a small blob: POST for a location, then PUT of the whole blob (end-4a, end-6).
   *
   * @returns the response to the PUT, or to the POST if that named no location on the registry's own origin
   */
  async uploadBlob(repository: Repository, digest: Digest, body: Uint8Array): Promise<Response> {
    const url = this.#url(repository, 'blobs/uploads/')
    const purpose = 'upload-blob'
    const started = await this.#write({ method: 'POST', url, purpose, body: new Uint8Array() })
    const location = started.headers.get('location')
    if (started.status !== 202 || location === undefined || !URL.canParse(location, url.href)) return started
    const target = new URL(location, url)
    // Credentials and content go to the registry's own origin only (safety rule 11).
    if (target.origin !== url.origin) return started
    target.searchParams.set('digest', digest)
    return this.#write({ method: 'PUT', url: target, purpose, body, mediaType: 'application/octet-stream' })
  }

  #url(repository: Repository, path: string): URL {
    return new URL(`/v2/${repository}/${path}`, this.origin)
  }

  /** Reads. If the response comes out of a cache, reads once more with a cache buster. */
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
