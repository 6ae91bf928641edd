import { matches, type Digest } from '../../oci/digest.js'
import { hashedBytes } from '../../oci/manifest.js'
import { OCI_MANIFEST } from '../../oci/mediatype.js'
import type { Tag } from '../../oci/tag.js'
import { Holders, labelsOf } from '../../plan/holders.js'
import type { KeptBecause } from '../../plan/outcome.js'
import type { PlannedTag } from '../../plan/plan.js'
import { pointersOf } from '../../plan/select/tags.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import { rightFor, type Right } from '../../registry/auth/rights.js'
import { cacheOf } from '../../registry/cached.js'
import { describe, isDenied, WireError } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import type { Facts } from '../../survey/facts.js'
import { pauseAfter } from '../pauses.js'
import type { RepositoryPurge } from '../repository-purge.js'

const TRIES = 4

/** Whether a label may be deleted. */
export type Retained =
  /** Its manifest outlives it, or no remaining tag needs that manifest. */
  { readonly is: 'free' } | { readonly is: 'kept'; readonly because: KeptBecause }

/** The response to the GET of the manifest by digest. */
interface Stored {
  readonly is: 'stored'
  readonly response: Response
}

/** The manifest cannot be read by digest, so its bytes are unknown. */
interface Absent {
  readonly is: 'absent'
  readonly answered: string
}

/** How the push of a manifest by its digest ended. `refused`: the registry does not accept it. */
type Pushed = { readonly is: 'pushed' } | Absent | Refused

interface Refused {
  readonly is: 'refused'
  readonly answered: string
  /** The right that is missing, if the registry's challenge tells. */
  readonly right?: Right | undefined
}

/**
 * Keeps manifests that lose their last tag. Gitea and similar registries keep a manifest only while a tag points to it, or
 * after a push by digest. There the DELETE of the last tag deletes the manifest, and breaks an index that lists it. So
 * before such a label is deleted, its manifest is pushed again by digest, with the bytes that the registry serves. On other
 * registries this push changes nothing.
 */
export class Retention {
  readonly #purge: RepositoryPurge
  readonly #results = new Map<Digest, Promise<Retained>>()
  /** The responses to pushes that failed. */
  readonly #refusals = new Map<Digest, string>()
  /** The manifests that remaining tags point to, according to these facts. */
  #tagged: { readonly facts: Facts; readonly digests: ReadonlySet<Digest> } | undefined
  /** The refusal that shows that no manifest of this repository can be pushed. */
  #denied: Refused | undefined

  constructor(purge: RepositoryPurge) {
    this.#purge = purge
  }

  /**
   * Makes sure that the manifest of a label outlives the label. Sends no request if a remaining tag points to it, or if an
   * earlier call pushed it.
   *
   * @throws Stopped
   */
  async keep({ tag, digest }: PlannedTag): Promise<Retained> {
    if (digest === undefined || !this.losesLastTag(digest)) return { is: 'free' }
    const result = this.#results.get(digest) ?? this.#keep(tag, digest)
    this.#results.set(digest, result)
    return result
  }

  /** Whether a manifest loses all its tags. */
  losesLastTag(digest: Digest): boolean {
    const { facts } = this.#purge
    if (this.#tagged?.facts !== facts)
      this.#tagged = { facts, digests: new Set(this.#remainingTags().values()) }
    return !this.#tagged.digests.has(digest)
  }

  /** The response to the push of a manifest, if one was sent and failed. */
  refusal(digest: Digest): string | undefined {
    return this.#refusals.get(digest)
  }

  async #keep(tag: Tag, digest: Digest): Promise<Retained> {
    const pushed = this.#denied ?? (await this.#push(tag, digest))
    if (pushed.is === 'pushed') return { is: 'free' }
    const { answered } = pushed
    if (pushed.is === 'absent') return { is: 'kept', because: { is: 'unread-manifest', digest, answered } }
    this.#refusals.set(digest, answered)
    const by = this.#holders(digest)
    if (by.length === 0) return { is: 'free' }
    const { repository } = this.#purge.plan
    const { right } = pushed
    const because = { is: 'last-tag', repository, digest, by, answered } as const
    return { is: 'kept', because: { ...because, ...(right !== undefined && { right }) } }
  }

  /** Reads a manifest by its digest, and pushes it by that digest right after. @throws Stopped */
  async #push(tag: Tag, digest: Digest): Promise<Pushed> {
    const { client, clock, journal } = this.#purge.tools
    const { repository } = this.#purge.plan
    for (let tried = 1; ; tried++) {
      await clock.sleep(client.heldFor, client.stop)
      client.throwIfStopped()
      const response = await attempt(client.manifest(repository, digest, { purpose: 'look-up' }))
      const stored = storedIn(response, digest)
      if (stored.is === 'absent') return stored
      journal.about(repository, { kind: 'tag', name: tag })
      const putResponse = await this.#put(digest, stored.response)
      const pushed = this.#judge(putResponse, digest)
      if (pushed?.is === 'pushed')
        journal.note(`${digest} was pushed again by its digest: it loses its last tag, but is kept`)
      if (pushed !== undefined) return pushed
      const held = client.heldFor > 0 || (!(putResponse instanceof WireError) && putResponse.status === 429)
      if (tried === TRIES && !held) return { is: 'refused', answered: outcomeOf(putResponse) }
      await clock.sleep(pauseAfter(putResponse, tried, clock.now()), client.stop)
      // A registry that requests a pause has changed nothing.
      if (held) tried--
    }
  }

  async #put(digest: Digest, { headers, body }: Response): Promise<Response | WireError> {
    const { facts, plan, tools } = this.#purge
    const mediaType = headers.get('content-type') ?? facts.manifests.get(digest)?.mediaType ?? OCI_MANIFEST
    try {
      return await attempt(tools.client.putByDigest(plan.repository, digest, mediaType, body))
    } catch (error) {
      this.#purge.mayHaveWritten()
      throw error
    }
  }

  /** Judges the response to a PUT. @returns undefined if it is not conclusive, so that the PUT is sent again */
  #judge(putResponse: Response | WireError, digest: Digest): Pushed | undefined {
    const status = putResponse instanceof WireError ? undefined : putResponse.status
    const refused = status !== undefined && status >= 400 && status < 500 && ![408, 429].includes(status)
    if (!refused) this.#purge.mayHaveWritten()
    if (putResponse instanceof WireError || status === undefined) return undefined
    if (isStored(putResponse, digest)) return { is: 'pushed' }
    const right = isDenied(putResponse) ? rightFor(putResponse, 'push') : undefined
    const refusal: Refused = { is: 'refused', answered: describe(putResponse), right }
    if (isDenied(putResponse) || status === 405) this.#denied = refusal
    return refused || status < 400 ? refusal : undefined
  }

  /** The remaining tags, and the labels, whose manifests need this one. */
  #holders(digest: Digest): readonly Tag[] {
    const { plan, facts } = this.#purge
    // A listed tag that is unknown for a moment still needs its content.
    const pointers = new Map([...pointersOf(plan.remaining), ...this.#remainingTags()])
    const labels = labelsOf(plan.tags).filter((label) => label.digest !== digest)
    return new Holders(pointers, facts, new Set(), labels).of(new Set([digest])).get(digest) ?? []
  }

  #remainingTags(): Map<Tag, Digest> {
    const { plan, facts } = this.#purge
    const deleted = new Set(plan.tags.map(({ tag }) => tag))
    const remaining = new Map<Tag, Digest>()
    for (const [tag, state] of facts.tags)
      if (state.is === 'resolved' && !deleted.has(tag)) remaining.set(tag, state.digest)
    return remaining
  }
}

/** Judges whether a response is the manifest with this digest. */
function storedIn(response: Response | WireError, digest: Digest): Stored | Absent {
  const absent = (answered: string): Absent => ({ is: 'absent', answered })
  if (response instanceof WireError) return absent(response.message)
  const cache = cacheOf(response)
  if (cache !== undefined) return absent(`${response.status} out of a cache (${cache})`)
  if (response.status !== 200 || response.cut) return absent(describe(response))
  if (!matches(digest, hashedBytes(response.body) ?? response.body)) return absent('200 with other bytes')
  return { is: 'stored', response }
}

/** Whether the registry stored the manifest under this digest. A 200 does not count: it may be a login page. */
function isStored({ status, headers }: Response, digest: Digest): boolean {
  const stated = headers.get('docker-content-digest')?.trim()
  return (status === 201 || status === 202) && (stated === undefined || stated === '' || stated === digest)
}
