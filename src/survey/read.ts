import { matches, parseDigest, sha256, type Digest } from '../oci/digest.js'
import { parseManifest, type Manifest } from '../oci/manifest.js'
import { WIDER_ACCEPT } from '../oci/mediatype.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Client, Reading } from '../registry/client.js'
import { describe, hasCode, isUnknown, WireError } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import type { Response } from '../registry/send.js'
import type { Missing, TagState } from './facts.js'
import { listReferrers } from './referrers.js'

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
  readonly referrersUnclear: string[] = []
  readonly #client: Client
  readonly #repository: Repository
  readonly #underWay = new Map<Digest, Promise<void>>()
  #referrersApi: Promise<boolean> | undefined

  /** @param known what an earlier reader read: manifests are content-addressed, so they need not be read again */
  constructor(client: Client, repository: Repository, known?: Reader) {
    this.#client = client
    this.#repository = repository
    if (known === undefined) return
    for (const [digest, manifest] of known.manifests) this.manifests.set(digest, manifest)
    for (const [digest, missing] of known.missing)
      if (missing.is === 'missing') this.missing.set(digest, missing)
    for (const [digest, list] of known.referrers) this.referrers.set(digest, [...list])
    this.#referrersApi = known.#referrersApi
  }

  /** Reads a tag by one GET, whose hashed body is digest and graph at once, and everything below it. */
  async tag(tag: Tag): Promise<TagState> {
    const answer = await this.#ask(tag, { purpose: 'read-tag' })
    if ('is' in answer) return answer.is === 'missing' ? { is: 'unknown' } : answer
    await this.#take(answer.manifest, 0)
    return { is: 'resolved', digest: answer.manifest.digest }
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
    if (this.#referrersApi === undefined || !(await this.#referrersApi.catch(() => true))) return
    await each([...subjects], width, (subject) => this.#referrersOf(subject, 0))
  }

  async #readDigest(digest: Digest, level: number): Promise<void> {
    const answer = await this.#ask(digest, { purpose: 'read-manifest' })
    if ('is' in answer) this.missing.set(digest, answer)
    else await this.#take(answer.manifest, level)
  }

  async #take(manifest: Manifest, level: number): Promise<void> {
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

  /** The first manifest finds out whether the API is there; the others ask only if it is. */
  async #referrersOf(subject: Digest, level: number): Promise<void> {
    if (level >= LEVELS || this.manifests.size > MANIFESTS) {
      this.referrersUnclear.push(`referrers of ${subject} go on for more than ${LEVELS} levels`)
      return
    }
    let listing
    try {
      if (this.#referrersApi === undefined) {
        const first = listReferrers(this.#client, this.#repository, subject)
        this.#referrersApi = first.then((answer) => answer.is !== 'absent')
        this.#referrersApi.catch(() => undefined)
        listing = await first
      } else {
        if (!(await this.#referrersApi)) return
        listing = await listReferrers(this.#client, this.#repository, subject)
      }
    } catch (error) {
      this.referrersUnclear.push(wireText(error))
      return
    }
    if (listing.is === 'absent') return
    if (listing.is === 'unclear') this.referrersUnclear.push(listing.why)
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

  async #ask(reference: Tag | Digest, reading: Reading): Promise<{ manifest: Manifest } | Missing> {
    try {
      const first = await this.#client.manifest(this.#repository, reference, reading)
      if (!isUnknown(first)) return judge(reference, first)
      // Another replica may know it, and some registries hide types that the Accept header does not list.
      const again = { ...reading, fresh: true, accept: WIDER_ACCEPT }
      const second = await this.#client.manifest(this.#repository, reference, again)
      return isPlainlyUnknown(first) && isPlainlyUnknown(second)
        ? { is: 'missing' }
        : judge(reference, second)
    } catch (error) {
      return { is: 'unreadable', why: wireText(error) }
    }
  }
}

function isPlainlyUnknown(response: Response): boolean {
  return response.status === 404 && hasCode(response, 'MANIFEST_UNKNOWN')
}

/** Judges an answer by status and by content: the bytes must hash to every digest under which they came. */
function judge(reference: Tag | Digest, response: Response): { manifest: Manifest } | Missing {
  if (response.status !== 200) return { is: 'unreadable', why: `it was answered with ${describe(response)}` }
  if (response.cut) return { is: 'unreadable', why: 'its body was cut off' }
  const named = parseDigest(reference)
  if (named !== undefined && !matches(named, response.body))
    return { is: 'lie', why: `the bytes that came for ${named} have the digest ${sha256(response.body)}` }
  const header = response.headers.get('docker-content-digest')
  if (header !== undefined && header.trim() !== '') {
    const stated = parseDigest(header.trim())
    if (stated === undefined || !matches(stated, response.body))
      return { is: 'lie', why: 'the Docker-Content-Digest header does not fit the bytes' }
    if (stated.startsWith('sha512:') && stated !== named)
      return {
        is: 'unreadable',
        why: 'the registry serves it under a sha512 digest, too, which this version does not prove',
      }
  }
  const manifest = parseManifest(response.body, response.headers.get('content-type'), named)
  return 'unusable' in manifest ? { is: 'unreadable', why: manifest.unusable } : { manifest }
}

/** @returns the text of a failure on the wire; cancellation and defects are thrown on, since they are no facts. */
function wireText(error: unknown): string {
  if (error instanceof WireError && error.failure !== 'cancelled') return error.message
  throw error
}
