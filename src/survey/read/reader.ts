import type { Digest } from '../../oci/digest.js'
import type { Manifest } from '../../oci/manifest.js'
import { WIDER_ACCEPT } from '../../oci/mediatype.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import { attempt } from '../../registry/attempt.js'
import type { Reading } from '../../registry/reading.js'
import { WireError } from '../../registry/errors.js'
import { each } from '../../registry/limit.js'
import { counted } from '../../registry/progress.js'
import type { Facts, Missing, TagState } from '../facts.js'
import type { TwinProblem, UnreadReferrers } from '../problem.js'
import type { Tools } from '../tools.js'
import { isMissing, isUnknown } from './missing.js'
import { Pool } from './pool.js'
import { judge, type Came } from './response.js'
import { readTwin } from './twin.js'

const LEVELS = 16
const MANIFESTS = 500_000

type ReaderTools = Pick<Tools, 'client' | 'capabilities' | 'width' | 'progress'>

/**
 * Reads tags and the manifests below them. Reads each manifest once, even if several tags share it. Records a failed
 * read instead of throwing it; throws only Stopped and defects.
 */
export class Reader {
  readonly manifests = new Map<Digest, Manifest>()
  readonly missing = new Map<Digest, Missing>()
  readonly referrers = new Map<Digest, Digest[]>()
  readonly referrersUnclear = new Map<Digest, UnreadReferrers>()
  readonly twins = new Map<Digest, Digest[]>()
  readonly #tools: ReaderTools
  readonly #repository: Repository
  readonly #readsReferrers: boolean
  readonly #underWay = new Map<Digest, Promise<void>>()
  readonly #pool: Pool
  /** Whether a response has shown that the repository has a referrers API. */
  #referrersApi = false

  /**
   * @param options.referrers whether to read referrers
   * @param options.known an earlier reader. Manifests are content-addressed, so this reader takes over what that one read
   */
  constructor(
    tools: ReaderTools,
    repository: Repository,
    { referrers, known }: { readonly referrers: boolean; readonly known?: Reader },
  ) {
    this.#tools = tools
    this.#repository = repository
    this.#readsReferrers = referrers
    this.#pool = known === undefined ? new Pool() : known.#pool
    if (known === undefined) return
    for (const [digest, manifest] of known.manifests) this.manifests.set(digest, manifest)
    for (const [digest, missing] of known.missing)
      if (missing.is === 'missing') this.missing.set(digest, missing)
    for (const [digest, list] of known.referrers) this.referrers.set(digest, [...list])
    for (const [digest, list] of known.twins) this.twins.set(digest, [...list])
    this.#referrersApi = known.#referrersApi
  }

  /** Reads tags in parallel, and everything below them. */
  async tags(tags: ReadonlySet<Tag>): Promise<Map<Tag, TagState>> {
    const { width, progress } = this.#tools
    const list = [...tags]
    const states = await counted(progress, 'tags read', list, width, (tag) => this.tag(tag))
    return new Map(list.map((tag, at) => [tag, states[at] as TagState]))
  }

  /** Reads a tag by one GET, whose hashed body gives both digest and graph, and everything below it. */
  async tag(tag: Tag): Promise<TagState> {
    const read = await this.#request(tag, { purpose: 'read-tag' })
    if (read.is === 'missing') return { is: 'unknown' }
    if (read.is !== 'came') return read
    const { manifest } = read
    if (manifest.kind === 'schema1' && !this.manifests.has(manifest.digest)) {
      // 2.x converts a manifest when it serves it by tag. A manifest that is stored as schema 1 is also served by digest.
      const stored = await this.#request(manifest.digest, { purpose: 'read-manifest' })
      if (stored.is !== 'came') return { is: 'unreadable', why: { is: 'conversion' } }
    }
    await this.#take(read, 0)
    return this.#pool.resolved(manifest.digest)
  }

  /** Reads manifests by digest in parallel, and everything below them, into `manifests` or `missing`. */
  async digests(digests: readonly Digest[]): Promise<void> {
    await each(digests, this.#tools.width, (digest) => this.digest(digest))
  }

  /** Reads a manifest by digest, and everything below it, into `manifests` or `missing`. */
  digest(digest: Digest, level = 0): Promise<void> {
    const known = this.manifests.get(digest)
    if (known !== undefined) return this.#below(known, level)
    const underWay = this.#underWay.get(digest)
    if (underWay !== undefined) return underWay
    const reading = this.#readDigest(digest, level)
    this.#underWay.set(digest, reading)
    return reading
  }

  /** Re-reads the referrers of these manifests, if the registry has the referrers API. */
  async refer(subjects: Iterable<Digest>): Promise<void> {
    if (!this.#referrersApi) return this.#confirmNoReferrersApi([...subjects])
    await each([...subjects], this.#tools.width, (subject) => this.#referrersOf(subject, 0))
  }

  /**
   * Reads blobs that are named by sha512, to find out under which sha256 digest the registry may serve the same bytes. A
   * push by sha512 creates both names.
   *
   * @returns a problem for each blob whose sha256 digest is unknown
   */
  async twinsOf(blobs: Iterable<Digest>): Promise<TwinProblem[]> {
    const problems: TwinProblem[] = []
    const open = [...blobs].filter((digest) => digest.startsWith('sha512:') && !this.twins.has(digest))
    await each(open, this.#tools.width, async (digest) => {
      const read = await readTwin(this.#tools.client, this.#repository, digest)
      if (read.is === 'unclear') problems.push(read.problem)
      if (read.is === 'twin') this.#twin(digest, read.digest)
    })
    return problems
  }

  /** @returns everything that was read so far, with these tags */
  facts(listed: readonly Tag[], tags: ReadonlyMap<Tag, TagState>): Facts {
    const { manifests, missing, referrers, referrersUnclear, twins } = this
    const repository = this.#repository
    return { repository, listed, tags, manifests, missing, referrers, referrersUnclear, twins }
  }

  async #readDigest(digest: Digest, level: number): Promise<void> {
    const read = await this.#request(digest, { purpose: 'read-manifest' })
    if (read.is === 'came') return this.#take(read, level)
    this.missing.set(digest, read)
    // Referrers outlive their subject. But only an existing manifest can show whether the registry has a referrers API.
    if (read.is === 'missing' && this.#referrersApi) await this.#referrersOf(digest, level)
  }

  async #take({ manifest, twin }: Came, level: number): Promise<void> {
    if (twin !== undefined && twin !== manifest.digest && !this.twins.has(manifest.digest)) {
      this.#twin(manifest.digest, twin)
      await this.#take({ is: 'came', manifest: { ...manifest, digest: twin } }, level)
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
    if (this.#isTooDeep(level)) {
      const why = { is: 'too-deep', levels: LEVELS, manifests: MANIFESTS } as const
      for (const { digest } of open) this.missing.set(digest, { is: 'unreadable', why })
      return
    }
    await Promise.all(open.map(({ digest }) => this.digest(digest, level + 1)))
  }

  async #referrersOf(subject: Digest, level: number): Promise<void> {
    if (!this.#readsReferrers) return
    if (this.#isTooDeep(level)) {
      this.referrersUnclear.set(subject, { is: 'too-deep', levels: LEVELS })
      return
    }
    const listing = await attempt(this.#tools.capabilities.referrers(this.#repository, subject))
    if (listing instanceof WireError) {
      this.#referrersApi = true
      this.referrersUnclear.set(subject, { is: 'unanswered', message: listing.message })
      return
    }
    if (listing.is === 'absent') return
    this.#referrersApi = true
    if (listing.is === 'unclear') {
      this.referrersUnclear.set(subject, listing.why)
      return
    }
    await Promise.all(listing.digests.map((digest) => this.digest(digest, level + 1)))
    // Skip entries whose manifest is gone.
    for (const digest of listing.digests)
      if (this.missing.get(digest)?.is !== 'missing') this.#refer(subject, digest)
  }

  /** If a repository has the API after all, the referrers that were not read are unknown. */
  async #confirmNoReferrersApi(subjects: readonly Digest[]): Promise<void> {
    const [subject] = subjects
    if (subject === undefined) return
    const { capabilities } = this.#tools
    const absent = await attempt(capabilities.hasStillNoReferrersApi(this.#repository, subject))
    if (absent === true) return
    const why: UnreadReferrers =
      absent instanceof WireError
        ? { is: 'unanswered', message: absent.message }
        : { is: 'missing', elsewhere: true }
    for (const each of subjects) this.referrersUnclear.set(each, why)
  }

  #isTooDeep(level: number): boolean {
    return level >= LEVELS || this.manifests.size > MANIFESTS
  }

  #refer(subject: Digest, referrer: Digest): void {
    const list = this.referrers.get(subject) ?? []
    if (!list.includes(referrer)) this.referrers.set(subject, [...list, referrer])
  }

  #twin(one: Digest, other: Digest): void {
    this.twins.set(one, [...(this.twins.get(one) ?? []), other])
    this.twins.set(other, [...(this.twins.get(other) ?? []), one])
  }

  async #request(reference: Tag | Digest, reading: Reading): Promise<Came | Missing> {
    const { client } = this.#tools
    const first = await attempt(client.manifest(this.#repository, reference, reading))
    if (first instanceof WireError) return unanswered(first)
    if (!isUnknown(first)) return judge(reference, first, this.#pool)
    // Another replica may know it, and some registries return 404 for types that the Accept header does not list.
    const again = { ...reading, fresh: true, accept: WIDER_ACCEPT, cacheBuster: client.newCacheBuster() }
    const second = await attempt(client.manifest(this.#repository, reference, again))
    if (second instanceof WireError) return unanswered(second)
    return (await isMissing(this.#tools.capabilities, this.#repository, [first, second]))
      ? { is: 'missing' }
      : judge(reference, second, this.#pool)
  }
}

function unanswered({ message }: WireError): Missing {
  return { is: 'unreadable', why: { is: 'unanswered', message } }
}
