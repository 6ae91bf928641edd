import { matches, type Digest } from '../oci/digest.js'
import { hashedBytes } from '../oci/manifest.js'
import { OCI_MANIFEST } from '../oci/mediatype.js'
import type { Tag } from '../oci/tag.js'
import { Holders, labelsOf } from '../plan/holders.js'
import type { PlannedTag } from '../plan/plan.js'
import { pointersOf } from '../plan/select.js'
import { attempt, outcomeOf } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { describe, isDenied, WireError } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import type { Facts } from '../survey/facts.js'
import { pauseAfter } from './placeholder.js'
import type { Work } from './work.js'

const TRIES = 4

/** Whether a label may be deleted. */
export type Retained =
  /** Its manifest stays, or nothing that stays needs it. */
  | { readonly is: 'free' }
  /** It has to stay, for this reason. */
  | { readonly is: 'bound'; readonly why: string }

/** What came of pushing a manifest by its digest. */
type Pushed =
  | { readonly is: 'pushed' }
  /** The manifest does not answer by its digest, so its bytes are not known. */
  | { readonly is: 'absent'; readonly why: string }
  /** The registry does not take it. */
  | { readonly is: 'refused'; readonly why: string }

/**
 * Keeps manifests that lose their last tag. Gitea's kind of registry stores a manifest only as the version that a tag
 * or a push by digest has made, so DELETE of its last tag drops it, and breaks an index that lists it. Before such a
 * label is deleted, the manifest is therefore pushed again by its own digest, with the bytes that the registry serves.
 * Other registries have these bytes already, so nothing changes there.
 */
export class Retention {
  readonly #work: Work
  readonly #results = new Map<Digest, Promise<Retained>>()
  /** Why manifests could not be pushed by their digests. */
  readonly #refused = new Map<Digest, string>()
  /** What tags that stay point to, by these facts. */
  #tagged: { readonly facts: Facts; readonly digests: ReadonlySet<Digest> } | undefined
  /** Why no manifest of this repository can be pushed. */
  #denied: string | undefined

  constructor(work: Work) {
    this.#work = work
  }

  /**
   * Sees to it that the manifest of a label outlives that label. Sends no request if a tag that stays points to it, or
   * if the manifest was seen to before.
   *
   * @returns whether the label may be deleted
   * @throws Stopped
   */
  async keep({ tag, digest }: PlannedTag): Promise<Retained> {
    if (digest === undefined || !this.losesLastTag(digest)) return { is: 'free' }
    const result = this.#results.get(digest) ?? this.#keep(tag, digest)
    this.#results.set(digest, result)
    return result
  }

  /** Whether only tags that this run deletes point to a manifest. */
  losesLastTag(digest: Digest): boolean {
    const { facts } = this.#work
    if (this.#tagged?.facts !== facts)
      this.#tagged = { facts, digests: new Set(this.#stayingTags().values()) }
    return !this.#tagged.digests.has(digest)
  }

  /** Why a manifest could not be pushed by its digest; undefined if it was, or if there was no need. */
  whyNot(digest: Digest): string | undefined {
    return this.#refused.get(digest)
  }

  async #keep(tag: Tag, digest: Digest): Promise<Retained> {
    const { repository } = this.#work.plan
    const pushed: Pushed =
      this.#denied === undefined ? await this.#push(tag, digest) : { is: 'refused', why: this.#denied }
    if (pushed.is === 'pushed') return { is: 'free' }
    if (pushed.is === 'absent')
      return {
        is: 'bound',
        why: `its manifest ${digest} could not be read by digest (${pushed.why}), so whether it would outlive its last tag is not known. Run again`,
      }
    this.#refused.set(digest, pushed.why)
    const holders = this.#holders(digest)
    if (holders.length === 0) return { is: 'free' }
    return {
      is: 'bound',
      why: `its manifest ${digest} is needed by ${holders.join(', ')}, and some registries delete a manifest with its last tag. Pushing it by its digest, which would keep it, failed (${pushed.why}). Allow the user to push to ${repository} and run again`,
    }
  }

  /** Pushes a manifest by its digest, each time right after it was read by that digest. @throws Stopped */
  async #push(tag: Tag, digest: Digest): Promise<Pushed> {
    const { client, clock, journal } = this.#work.tools
    const { repository } = this.#work.plan
    for (let tried = 1; ; tried++) {
      await clock.sleep(client.heldFor, client.stop)
      client.throwIfStopped()
      const stored = await attempt(client.manifest(repository, digest, { purpose: 'look-up' }))
      if (stored instanceof WireError) return { is: 'absent', why: stored.message }
      const flaw = flawOf(stored, digest)
      if (flaw !== undefined) return { is: 'absent', why: flaw }
      journal.about(repository, { kind: 'tag', name: tag })
      const mediaType =
        stored.headers.get('content-type') ??
        this.#work.facts.manifests.get(digest)?.mediaType ??
        OCI_MANIFEST
      const answer = await this.#put(digest, mediaType, stored.body)
      const status = answer instanceof WireError ? undefined : answer.status
      const refused = status !== undefined && status >= 400 && status < 500 && ![408, 429].includes(status)
      if (!refused) this.#work.wrote = true
      const why = outcomeOf(answer)
      if (!(answer instanceof WireError) && isStored(answer, digest)) {
        journal.note(`${digest} was pushed again by its digest: it loses its last tag, and stays`)
        return { is: 'pushed' }
      }
      if (!(answer instanceof WireError) && (isDenied(answer) || status === 405)) this.#denied = why
      const held = status === 429 || client.heldFor > 0
      if (refused || (status !== undefined && status < 400) || (tried === TRIES && !held))
        return { is: 'refused', why }
      await clock.sleep(pauseAfter(answer, tried, clock.now()), client.stop)
      // A registry that asks for patience has done nothing.
      if (held) tried--
    }
  }

  async #put(digest: Digest, mediaType: string, body: Uint8Array): Promise<Response | WireError> {
    const { client } = this.#work.tools
    try {
      return await attempt(client.putByDigest(this.#work.plan.repository, digest, mediaType, body))
    } catch (error) {
      this.#work.wrote = true
      throw error
    }
  }

  /** The tags that stay, and the labels, whose manifests need this one. */
  #holders(digest: Digest): readonly Tag[] {
    const { plan, facts } = this.#work
    // A listed tag that is unknown for a moment still needs what it needed.
    const pointers = new Map([...pointersOf(plan.remaining), ...this.#stayingTags()])
    const labels = labelsOf(plan.tags).filter((label) => label.digest !== digest)
    return new Holders(pointers, facts, new Set(), labels).of(new Set([digest])).get(digest) ?? []
  }

  #stayingTags(): Map<Tag, Digest> {
    const { plan, facts } = this.#work
    const going = new Set(plan.tags.map(({ tag }) => tag))
    const staying = new Map<Tag, Digest>()
    for (const [tag, state] of facts.tags)
      if (state.is === 'resolved' && !going.has(tag)) staying.set(tag, state.digest)
    return staying
  }
}

/** Why a response is not the manifest with this digest, or undefined. */
function flawOf(response: Response, digest: Digest): string | undefined {
  const cache = cacheOf(response)
  if (cache !== undefined) return `it comes out of a cache (${cache})`
  if (response.status !== 200 || response.cut) return describe(response)
  return matches(digest, hashedBytes(response.body) ?? response.body) ? undefined : 'it came with other bytes'
}

/** Whether the registry says that it has stored the manifest under this digest. A login page comes with 200. */
function isStored({ status, headers }: Response, digest: Digest): boolean {
  const stated = headers.get('docker-content-digest')?.trim()
  return (status === 201 || status === 202) && (stated === undefined || stated === '' || stated === digest)
}
