import { randomBytes } from 'node:crypto'
import type { Digest } from '../oci/digest.js'
import { ACCEPT } from '../oci/mediatype.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { stoppable } from './attempt.js'
import { cacheOf } from './cached.js'
import { Stopped } from './errors.js'
import type { Purpose, Request, Response, Send } from './send.js'
import type { Random } from './time.js'

/** Bounds of what is read, in bytes. The specification asks registries to take manifests of at least 4 MiB. */
export const LIMITS = { manifest: 4 << 20, page: 8 << 20, error: 64 << 10, small: 1 << 20 } as const

/** Milliseconds: until the headers are there, and for the whole answer. */
const READ = { answer: 60_000, timeout: 120_000 } as const
/** A list of many tags is made by reading many files. */
const LIST = { answer: 240_000, timeout: 300_000 } as const
const WRITE_TIMEOUT = 60_000
/** Milliseconds within which a write leaves that follows a look at what it may harm. */
const SOON = 1_000
const BUSTER_BYTES = 12
/** A whole layer is read, however slowly it comes. */
const HASH_TIMEOUT = 1_800_000

const OF_THE_PROOF: ReadonlySet<Purpose> = new Set(['verify', 'control', 'last-check'])

/** What differs between two reads of the same thing. */
export interface Reading {
  readonly purpose: Purpose
  /** A connection of its own. */
  readonly fresh?: boolean
  /** One of many looks: what settles nothing is asked again, but not for long. */
  readonly look?: boolean
  /** Sent once, whatever comes: the caller decides what is asked again. */
  readonly once?: boolean
  /** Milliseconds since the epoch after which it is not sent again, nor kept waiting. */
  readonly until?: number
  /** Part of something that is brought to an end also when the run is to stop. */
  readonly finish?: boolean
  readonly accept?: string
  /** Of a blob: the first bytes of a long one must arrive before it is ended, else the response is `cut`. */
  readonly firstBytes?: boolean
  /** Sent as a query that no cache knows. Registries ignore it; most caches take the request for another one. */
  readonly cacheBuster?: string
  /** Milliseconds. */
  readonly timeout?: number
  /** Milliseconds until the headers are there. */
  readonly answer?: number
}

/** How a client is put together. */
export interface ClientOptions {
  /** Scheme, host and port. */
  readonly origin: string
  /** Where the credentials come from, such as `the inputs`; undefined where none are sent. */
  readonly credentialsFrom: string | undefined
  /** Sends again by each request's own patience. */
  readonly send: Send
  /** Milliseconds for which the registry asks to be left alone. */
  readonly heldFor: () => number
  /** Milliseconds since the epoch: what follows a look has to leave soon after it. */
  readonly now?: () => number
  /** Makes queries that no cache knows; by default the system's chance. */
  readonly random?: Random
  /** Aborted when the run is to stop: reads end at once. */
  readonly stop: AbortSignal
  /** Aborted some seconds after `stop`: a DELETE in flight may finish until then. */
  readonly kill: AbortSignal
}

/** The endpoints of one registry, a method each. They judge nothing; every one throws WireError or Stopped. */
export class Client {
  readonly #options: ClientOptions
  #redirectsBlobs = false

  constructor(options: ClientOptions) {
    this.#options = { ...options, send: stoppable(options.send) }
  }

  get origin(): string {
    return this.#options.origin
  }

  /** Where the credentials come from; undefined where requests go without any. */
  get credentialsFrom(): string | undefined {
    return this.#options.credentialsFrom
  }

  /** Milliseconds for which the registry asks to be left alone, 0 as a rule. */
  get heldFor(): number {
    return this.#options.heldFor()
  }

  /** Whether any blob was read by a redirect to a store behind the registry, as with S3, GCS or Azure. */
  get redirectsBlobs(): boolean {
    return this.#redirectsBlobs
  }

  /** @returns a value for `Reading.cacheBuster` that was never sent before */
  newCacheBuster(): string {
    return this.#options.random?.hex(BUSTER_BYTES) ?? randomBytes(BUSTER_BYTES).toString('hex')
  }

  /** Aborted when no new work may be begun. */
  get stop(): AbortSignal {
    return this.#options.stop
  }

  /** @throws Stopped if no new work may be begun */
  throwIfStopped(): void {
    if (this.#options.stop.aborted) throw new Stopped()
  }

  /** The base of the API (end-1): whether the registry answers, and takes the credentials. */
  base(reading: Reading): Promise<Response> {
    return this.#read('GET', new URL('/v2/', this.#options.origin), reading, LIMITS.small)
  }

  /** A page of the tag list; without `n`, since 3.1.0 refuses large ones and distribution then sends everything. */
  tagPage(
    repository: Repository,
    page?: URL,
    reading: Reading = { purpose: 'list-tags' },
  ): Promise<Response> {
    const url = page ?? this.#url(repository, 'tags/list')
    return this.#read('GET', url, { ...LIST, ...reading }, LIMITS.page)
  }

  /** A manifest by tag or digest. Never a conditional request: 304 is answered for content that is gone. */
  manifest(repository: Repository, reference: Tag | Digest, reading: Reading): Promise<Response> {
    return this.#readPastCaches(
      'GET',
      this.#url(repository, `manifests/${reference}`),
      reading,
      LIMITS.manifest,
    )
  }

  /**
   * A blob by plain GET: read to its end where it is small, else ended after the headers (with `firstBytes`, after its
   * first bytes). For what was purged or is shared with it; some registries bring a blob back on HEAD or Range.
   */
  blob(repository: Repository, digest: Digest, reading: Reading): Promise<Response> {
    return this.#readPastCaches(
      'GET',
      this.#url(repository, `blobs/${digest}`),
      reading,
      LIMITS.small,
      'peek',
    )
  }

  /**
   * The first byte of a blob. Only for the very last question of a run: some registries bring a purged blob back for it
   * (safety rule 8).
   */
  blobByRange(repository: Repository, digest: Digest, reading: Reading): Promise<Response> {
    const url = this.#url(repository, `blobs/${digest}`)
    return this.#read('GET', url, reading, LIMITS.error, 'peek', { range: 'bytes=0-0' })
  }

  /** Whether a blob is there, by HEAD. Only for blobs that no write of this run names. */
  blobHead(repository: Repository, digest: Digest, reading: Reading): Promise<Response> {
    return this.#readPastCaches('HEAD', this.#url(repository, `blobs/${digest}`), reading, LIMITS.error)
  }

  /** The config of an image, read whole. */
  config(repository: Repository, digest: Digest): Promise<Response> {
    const url = this.#url(repository, `blobs/${digest}`)
    return this.#readPastCaches('GET', url, { purpose: 'read-config' }, LIMITS.manifest)
  }

  /** A blob to its end, of which only the digests are kept. */
  blobHash(repository: Repository, digest: Digest): Promise<Response> {
    const reading = { purpose: 'hash-blob', timeout: HASH_TIMEOUT } as const
    return this.#read('GET', this.#url(repository, `blobs/${digest}`), reading, LIMITS.small, 'hash')
  }

  /**
   * What the tag list names right behind a listed tag's folder, by the order of storage keys: on distribution 3.1.1 on S3
   * the first tag that this one hides.
   */
  tagBehind(repository: Repository, last: string, reading: Reading): Promise<Response> {
    const url = this.#url(repository, `tags/list?n=1&last=${encodeURIComponent(last)}`)
    return this.#read('GET', url, { ...LIST, ...reading }, LIMITS.page)
  }

  /** A page of the catalog. */
  catalogPage(page?: URL, reading: Omit<Reading, 'purpose'> = {}): Promise<Response> {
    const url = page ?? new URL('/v2/_catalog', this.#options.origin)
    return this.#read('GET', url, { ...LIST, ...reading, purpose: 'list-repositories' }, LIMITS.page)
  }

  /** The referrers API (distribution-spec 1.1, end-12). */
  referrers(
    repository: Repository,
    digest: Digest,
    page?: URL,
    reading: Omit<Reading, 'purpose'> = {},
  ): Promise<Response> {
    const url = page ?? this.#url(repository, `referrers/${digest}`)
    return this.#read('GET', url, { ...reading, purpose: 'read-referrers' }, LIMITS.manifest)
  }

  /** DELETE of a tag or a manifest digest (end-9). @param timeout milliseconds: a registry may read all tags for it */
  deleteManifest(repository: Repository, reference: Tag | Digest, deleting: Deleting): Promise<Response> {
    return this.#delete(this.#url(repository, `manifests/${reference}`), deleting)
  }

  /** DELETE of a blob (end-10). */
  deleteBlob(repository: Repository, digest: Digest, deleting: Deleting): Promise<Response> {
    return this.#delete(this.#url(repository, `blobs/${digest}`), deleting)
  }

  /** GitLab's own way to delete a tag and leave its manifest. */
  deleteTagReference(repository: Repository, tag: Tag, deleting: Deleting): Promise<Response> {
    return this.#delete(this.#url(repository, `tags/reference/${tag}`), deleting)
  }

  /** PUT of a manifest under a tag (end-7). Sent once: whether it worked has to be looked up. */
  putManifest(repository: Repository, tag: Tag, mediaType: string, body: Uint8Array): Promise<Response> {
    const url = this.#url(repository, `manifests/${tag}`)
    return this.#write('PUT', url, 'put-placeholder', body, mediaType)
  }

  /** PUT of a manifest by its own digest (end-7): no tag changes, and bytes that are there already stay as they are. */
  putByDigest(
    repository: Repository,
    digest: Digest,
    mediaType: string,
    body: Uint8Array,
  ): Promise<Response> {
    const url = this.#url(repository, `manifests/${digest}`)
    return this.#write('PUT', url, 'put-manifest', body, mediaType)
  }

  /**
   * Uploads a small blob: POST for a place to put it, then PUT of the whole (end-4a, end-6).
   *
   * @returns the answer to the PUT, or to the POST where that named no place on the registry's own origin
   */
  async uploadBlob(repository: Repository, digest: Digest, body: Uint8Array): Promise<Response> {
    const uploads = this.#url(repository, 'blobs/uploads/')
    const begun = await this.#write('POST', uploads, 'upload-blob', new Uint8Array())
    const location = begun.headers.get('location')
    if (begun.status !== 202 || location === undefined || !URL.canParse(location, uploads.href)) return begun
    const place = new URL(location, uploads)
    // Credentials and content go to the registry's own origin only.
    if (place.origin !== uploads.origin) return begun
    place.searchParams.set('digest', digest)
    return this.#write('PUT', place, 'upload-blob', body, 'application/octet-stream')
  }

  #url(repository: Repository, rest: string): URL {
    return new URL(`/v2/${repository}/${rest}`, this.#options.origin)
  }

  /**
   * Reads, and asks once more with a query that no cache knows if the response comes out of a cache. What the proof
   * asks decides that for itself.
   */
  async #readPastCaches(
    method: 'GET' | 'HEAD',
    url: URL,
    reading: Reading,
    limit: number,
    how?: 'peek',
  ): Promise<Response> {
    const response = await this.#read(method, url, reading, limit, how)
    const asked = reading.cacheBuster !== undefined || OF_THE_PROOF.has(reading.purpose)
    if (asked || response.redirected || cacheOf(response) === undefined) return response
    return this.#read(method, url, { ...reading, cacheBuster: this.newCacheBuster() }, limit, how)
  }

  async #read(
    method: 'GET' | 'HEAD',
    url: URL,
    reading: Reading,
    limit: number,
    how?: 'peek' | 'hash',
    more: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const request: Request = {
      method,
      url: reading.cacheBuster === undefined ? url : withQuery(url, reading.cacheBuster),
      purpose: reading.purpose,
      headers: {
        accept: reading.accept ?? (url.pathname.includes('/manifests/') ? ACCEPT : '*/*'),
        ...more,
      },
      fresh: reading.fresh ?? false,
      limit,
      peek: how === 'peek',
      ...(how === 'hash' && { hash: true }),
      ...(reading.firstBytes === true && { firstBytes: true }),
      patience: reading.once === true ? 'once' : reading.look === true ? 'look' : 'read',
      timeout: reading.timeout ?? READ.timeout,
      answer: reading.answer ?? READ.answer,
      ...(reading.until !== undefined && { until: reading.until }),
      signal: reading.finish === true ? this.#options.kill : this.#options.stop,
    }
    const response = await this.#options.send(request)
    if (response.redirected && url.pathname.includes('/blobs/')) this.#redirectsBlobs = true
    return response
  }

  #soon(): { sendBy?: number } {
    const { now } = this.#options
    return now === undefined ? {} : { sendBy: now() + SOON }
  }

  #write(
    method: 'PUT' | 'POST',
    url: URL,
    purpose: Purpose,
    body: Uint8Array,
    mediaType?: string,
  ): Promise<Response> {
    return this.#options.send({
      method,
      url,
      purpose,
      headers: mediaType === undefined ? {} : { 'content-type': mediaType },
      body,
      fresh: false,
      limit: LIMITS.error,
      peek: false,
      patience: 'once',
      ...((purpose === 'put-placeholder' || purpose === 'put-manifest') && this.#soon()),
      timeout: WRITE_TIMEOUT,
      // What was begun is brought to an end where that is possible: half of it would leave a tag on a placeholder.
      signal: this.#options.kill,
    })
  }

  #delete(url: URL, { purpose, fresh, timeout }: Deleting): Promise<Response> {
    return this.#options.send({
      method: 'DELETE',
      url,
      purpose,
      headers: {},
      fresh: fresh ?? false,
      limit: LIMITS.error,
      peek: false,
      patience: purpose === 'probe' ? 'read' : 'once',
      ...(purpose !== 'probe' && purpose !== 'delete-placeholder' && this.#soon()),
      timeout,
      // The probe names nothing, so it may end as reads do.
      signal: purpose === 'probe' ? this.#options.stop : this.#options.kill,
    })
  }
}

/** How a DELETE is sent. */
export interface Deleting {
  readonly purpose: 'probe' | 'delete-tag' | 'delete-manifest' | 'delete-blob' | 'delete-placeholder'
  readonly fresh?: boolean
  /** Milliseconds. */
  readonly timeout: number
}

/** @returns the URL with a query of its own beside the one that it has */
function withQuery(url: URL, value: string): URL {
  const copy = new URL(url)
  copy.searchParams.set('registry-purge', value)
  return copy
}
