import { matches, parseDigest, sha256, type Digest } from '../oci/digest.js'
import { hashedBytes, parseManifest, type Manifest } from '../oci/manifest.js'
import { WIDER_ACCEPT } from '../oci/mediatype.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Client, Reading } from '../registry/client.js'
import { cacheOf } from '../registry/cached.js'
import { describe, hasCode, isUnknown, WireError } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import type { Response } from '../registry/send.js'
import type { Capabilities } from './capabilities.js'
import type { Missing, TagState } from './facts.js'
import { Pool } from './pool.js'
import { readTwin } from './twin.js'

const LEVELS = 16
const MANIFESTS = 500_000

/**
 * Reads tags and the manifests below them, each manifest once, however many tags share it. What could not be read is
 * recorded and never thrown; only cancellation and defects are.
 */
export class Reader {
  readonly manifests = new Map<Digest, Manifest>()
  readonly missing = new Map<Digest, Missing>()
  readonly referrers = new Map<Digest, Digest[]>()
  readonly referrersUnclear = new Map<Digest, string>()
  readonly twins = new Map<Digest, Digest[]>()
  readonly #client: Client
  readonly #capabilities: Capabilities | undefined
  readonly #repository: Repository
  readonly #underWay = new Map<Digest, Promise<void>>()
  readonly #pool: Pool
  /** Whether the repository has an API for referrers, once one was asked for. */
  #referrersApi = false

  /**
   * @param capabilities where to ask for referrers; undefined: they are not asked for
   * @param known what an earlier reader read: manifests are content-addressed, so they need not be read again
   */
  constructor(
    client: Client,
    capabilities: Capabilities | undefined,
    repository: Repository,
    known?: Reader,
  ) {
    this.#client = client
    this.#capabilities = capabilities
    this.#repository = repository
    this.#pool = known === undefined ? new Pool() : known.#pool
    if (known === undefined) return
    for (const [digest, manifest] of known.manifests) this.manifests.set(digest, manifest)
    for (const [digest, missing] of known.missing)
      if (missing.is === 'missing') this.missing.set(digest, missing)
    for (const [digest, list] of known.referrers) this.referrers.set(digest, [...list])
    for (const [digest, list] of known.twins) this.twins.set(digest, [...list])
    this.#referrersApi = known.#referrersApi
  }

  /** Reads a tag by one GET, whose hashed body is digest and graph at once, and everything below it. */
  async tag(tag: Tag): Promise<TagState> {
    const answer = await this.#ask(tag, { purpose: 'read-tag' })
    if ('is' in answer) return answer.is === 'missing' ? { is: 'unknown' } : answer
    const { manifest } = answer
    if (manifest.kind === 'schema1' && !this.manifests.has(manifest.digest)) {
      // 2.x converts on the way out. What it has itself it also serves by digest.
      const stored = await this.#ask(manifest.digest, { purpose: 'read-manifest' })
      if ('is' in stored)
        return {
          is: 'unreadable',
          why: 'it was answered with a schema 1 manifest that is a conversion of another',
        }
    }
    await this.#take(answer, 0)
    return this.#pool.resolved(manifest.digest)
  }

  /** Reads a manifest by digest, and everything below it. What came of it stands in `manifests` or `missing`. */
  digest(digest: Digest, level = 0): Promise<void> {
    const known = this.manifests.get(digest)
    if (known !== undefined) return this.#below(known, level)
    const underWay = this.#underWay.get(digest)
    if (underWay !== undefined) return underWay
    const reading = this.#readDigest(digest, level)
    this.#underWay.set(digest, reading)
    return reading
  }

  /** Asks again what refers to manifests that are known, where the registry has the API for it. */
  async refer(subjects: Iterable<Digest>, width: number): Promise<void> {
    if (!this.#referrersApi) return
    await each([...subjects], width, (subject) => this.#referrersOf(subject, 0))
  }

  /**
   * Reads blobs whole that are named by sha512, to find out under which sha256 digest a registry may serve the same
   * bytes: a push by sha512 makes both.
   *
   * @returns why one cannot be told, a sentence each
   */
  async twinsOf(blobs: Iterable<Digest>, width: number): Promise<string[]> {
    const unknown: string[] = []
    const open = [...blobs].filter((digest) => digest.startsWith('sha512:') && !this.twins.has(digest))
    await each(open, width, async (digest) => {
      const found = await readTwin(this.#client, this.#repository, digest)
      if ('why' in found) unknown.push(found.why)
      else if (found.twin !== undefined) this.#twin(digest, found.twin)
    })
    return unknown
  }

  async #readDigest(digest: Digest, level: number): Promise<void> {
    const answer = await this.#ask(digest, { purpose: 'read-manifest' })
    if (!('is' in answer)) return this.#take(answer, level)
    this.missing.set(digest, answer)
    // Referrers outlive what they refer to. Whether there is an API, a manifest that is there has to tell.
    if (answer.is === 'missing' && this.#referrersApi) await this.#referrersOf(digest, level)
  }

  async #take({ manifest, twin }: Came, level: number): Promise<void> {
    if (twin !== undefined && twin !== manifest.digest && !this.twins.has(manifest.digest)) {
      this.#twin(manifest.digest, twin)
      await this.#take({ manifest: { ...manifest, digest: twin } }, level)
    }
    if (this.manifests.has(manifest.digest)) return
    this.manifests.set(manifest.digest, manifest)
    if (manifest.subject !== undefined) this.#refer(manifest.subject, manifest.digest)
    await Promise.all([this.#below(manifest, level), this.#referrersOf(manifest.digest, level)])
  }

  async #below(manifest: Manifest, level: number): Promise<void> {
    const open = manifest.children.filter(
      ({ digest }) => !this.manifests.has(digest) && !this.missing.has(digest),
    )
    if (open.length === 0) return
    if (level >= LEVELS || this.manifests.size > MANIFESTS) {
      const why = `indexes are nested more than ${LEVELS} levels deep, or hold more than ${MANIFESTS} manifests`
      for (const { digest } of open) this.missing.set(digest, { is: 'unreadable', why })
      return
    }
    await Promise.all(open.map(({ digest }) => this.digest(digest, level + 1)))
  }

  async #referrersOf(subject: Digest, level: number): Promise<void> {
    if (this.#capabilities === undefined) return
    if (level >= LEVELS || this.manifests.size > MANIFESTS) {
      this.referrersUnclear.set(subject, `they go on for more than ${LEVELS} levels`)
      return
    }
    let listing
    try {
      listing = await this.#capabilities.referrers(this.#repository, subject)
    } catch (error) {
      this.#referrersApi = true
      this.referrersUnclear.set(subject, wireText(error))
      return
    }
    if (listing.is === 'absent') return
    this.#referrersApi = true
    if (listing.is === 'unclear') this.referrersUnclear.set(subject, listing.why)
    else {
      await Promise.all(listing.digests.map((digest) => this.digest(digest, level + 1)))
      // An entry whose manifest is gone needs nothing and serves nothing.
      for (const digest of listing.digests) {
        if (this.missing.get(digest)?.is !== 'missing') this.#refer(subject, digest)
      }
    }
  }

  #refer(subject: Digest, referrer: Digest): void {
    const list = this.referrers.get(subject) ?? []
    if (!list.includes(referrer)) this.referrers.set(subject, [...list, referrer])
  }

  #twin(one: Digest, other: Digest): void {
    this.twins.set(one, [...(this.twins.get(one) ?? []), other])
    this.twins.set(other, [...(this.twins.get(other) ?? []), one])
  }

  async #ask(reference: Tag | Digest, reading: Reading): Promise<Came | Missing> {
    try {
      const first = await this.#client.manifest(this.#repository, reference, reading)
      if (!isUnknown(first)) return judge(reference, first, this.#pool)
      // Another replica may know it, and some registries hide types that the Accept header does not list.
      const cacheBuster = this.#client.newCacheBuster()
      const again = { ...reading, fresh: true, accept: WIDER_ACCEPT, cacheBuster }
      const second = await this.#client.manifest(this.#repository, reference, again)
      return isPlainlyUnknown(first) && isPlainlyUnknown(second)
        ? { is: 'missing' }
        : judge(reference, second, this.#pool)
    } catch (error) {
      return { is: 'unreadable', why: wireText(error) }
    }
  }
}

function isPlainlyUnknown(response: Response): boolean {
  return cacheOf(response) === undefined && response.status === 404 && hasCode(response, 'MANIFEST_UNKNOWN')
}

/** A manifest that came, and another digest under which the registry may serve the same bytes. */
interface Came {
  readonly manifest: Manifest
  readonly twin?: Digest
}

/**
 * Judges an answer by status and by content: the bytes must hash to every digest under which they came.
 *
 * @param pool is looked into, and added to
 */
function judge(reference: Tag | Digest, response: Response, pool: Pool): Came | Missing {
  const cache = response.redirected ? undefined : cacheOf(response)
  // What came for a digest is hashed. What a tag points to now, and what is missing, only the registry knows.
  if (cache !== undefined && (response.status !== 200 || parseDigest(reference) === undefined))
    return { is: 'unreadable', why: `the response comes out of a cache in front of the registry (${cache})` }
  if (response.status !== 200) return { is: 'unreadable', why: `it was answered with ${describe(response)}` }
  if (response.cut) return { is: 'unreadable', why: 'its body was cut off' }
  const bytes = hashedBytes(response.body)
  if (bytes === undefined)
    return { is: 'unreadable', why: 'it is a schema 1 manifest that is not well-formed' }
  const own = sha256(bytes)
  // A signed text that does not hash is no lie of the registry: 2.x signs it anew at each read.
  const lie = bytes === response.body ? 'lie' : 'unreadable'
  const named = parseDigest(reference)
  if (named !== undefined && !matches(named, bytes))
    return { is: lie, why: `the bytes that came for ${named} have the digest ${own}` }
  const header = response.headers.get('docker-content-digest')?.trim() ?? ''
  const stated = parseDigest(header)
  if (header !== '' && (stated === undefined || !matches(stated, bytes)))
    return { is: lie, why: 'the Docker-Content-Digest header does not fit the bytes' }
  const type = response.headers.get('content-type') ?? ''
  // Bytes are bytes: what has this digest was parsed before. Signatures in it are not hashed with it.
  const whole = bytes === response.body
  const known = whole ? pool.manifest(named ?? own, type) : undefined
  const manifest = known ?? parseManifest(response.body, type, named)
  if ('unusable' in manifest) return { is: 'unreadable', why: manifest.unusable }
  const twin = [own, stated].find((digest) => digest !== undefined && digest !== manifest.digest)
  const kept = known === undefined && whole ? pool.keep(manifest, type) : manifest
  return { manifest: kept, ...(twin !== undefined && { twin }) }
}

/** @returns the text of a failure on the wire; cancellation and defects are thrown on, since they are no facts. */
function wireText(error: unknown): string {
  if (error instanceof WireError) return error.message
  throw error
}
