import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Client } from '../registry/client.js'
import { DIALECTS, STANDARD } from '../registry/dialects/dialects.js'
import { absenceOf, sameAbsence } from '../registry/absence.js'
import { meaningOf } from '../registry/answers/classify.js'
import type { Asked } from '../registry/answers/meaning.js'
import { rightFor } from '../registry/auth/rights.js'
import { describe, firstCode, hasCode } from '../registry/errors.js'
import { FRESH_READ } from '../registry/reading.js'
import type { Response } from '../registry/send.js'
import type { Random } from '../registry/time.js'
import type { Deletion, Untagging, Way } from './facts.js'
import type { Listing } from './lists/referrers.js'
import { ReferrersApi } from './referrers-api.js'

const PROBE = { purpose: 'probe', timeout: 60_000 } as const

/**
 * Finds out by probes what the registry can do, and remembers it for the run. It does not use the names and versions of
 * registry products. Every probe names something random that does not exist, so a probe changes nothing.
 */
export class Capabilities {
  readonly #client: Client
  readonly #random: Random
  readonly #referrersApi: ReferrersApi
  /** Repositories whose tag endpoint is missing. A proxy may forward each repository to another registry. */
  readonly #noTagEndpoint = new Set<Repository>()
  /** Repositories that accept only digests in a DELETE, as distribution 2.x does. */
  readonly #digestsOnly = new Set<Repository>()
  readonly #manifestDeletions = new Map<Repository, Deletion>()

  constructor(client: Client, random: Random) {
    this.#client = client
    this.#random = random
    this.#referrersApi = new ReferrersApi(client, random)
  }

  /** @returns whether a tag can only be deleted together with its manifest; false if that is not known */
  tagsGoWithManifests(repository: Repository): boolean {
    return this.#noTagEndpoint.has(repository)
  }

  /**
   * @returns whether a repository keeps manifests that lose their last tag. Only distribution 2.x is known to do so. Its
   *   response to the DELETE of a tag identifies it
   */
  keepsUntagged(repository: Repository): boolean {
    return this.#digestsOnly.has(repository)
  }

  /** @returns whether a repository has the referrers API; false if that is not known */
  hasReferrersApi(repository: Repository): Promise<boolean> {
    return this.#referrersApi.isPresent(repository)
  }

  /** Remembers that a real tag could not be deleted by name. */
  noteNoTagEndpoint(repository: Repository): void {
    this.#noTagEndpoint.add(repository)
  }

  /**
   * Probes whether manifests and blobs can be deleted, with one DELETE of a random digest each. Call it before any
   * write: distribution 3.0.0 deletes tags even if deletion is off (CVE-2026-41888).
   *
   * @throws WireError if there is no response
   */
  async deletion(repository: Repository): Promise<{ manifestDeletion: Deletion; blobDeletion: Deletion }> {
    const [manifestDeletion, blobProbe] = await Promise.all([
      this.#manifestDeletion(repository),
      this.#client.deleteBlob(repository, this.#randomDigest(), PROBE),
    ])
    return { manifestDeletion, blobDeletion: judgeBlobProbe(blobProbe, manifestDeletion) }
  }

  /**
   * Probes for a way to delete a tag and keep its manifest. It tries each dialect in turn. If the registry has none of
   * them (distribution 2.x), the way is a placeholder, for which the registry must be able to delete manifests. It tries
   * the next dialect only if the response shows that the endpoint is missing, and never after a failure (safety rule 7).
   *
   * @throws WireError if there is no response
   */
  async untagging(repository: Repository): Promise<Untagging> {
    for (const dialect of DIALECTS) {
      if (dialect === STANDARD && this.#noTagEndpoint.has(repository)) continue
      const response = await dialect.remove(this.#client, repository, this.#randomTag(), PROBE)
      if (dialect.recognise(response)) return by(dialect.name, judge('probe-tag', response))
      if (dialect === STANDARD) {
        this.#noTagEndpoint.add(repository)
        if (hasCode(response, 'DIGEST_INVALID')) this.#digestsOnly.add(repository)
      }
    }
    return by(
      'placeholder',
      this.#manifestDeletions.get(repository) ?? (await this.#manifestDeletion(repository)),
    )
  }

  /**
   * Probes again, without the tag endpoint: it passed the probe, but refused a real tag.
   *
   * @throws WireError if there is no response
   */
  untaggingWithout(repository: Repository): Promise<Untagging> {
    this.#noTagEndpoint.add(repository)
    return this.untagging(repository)
  }

  /** Asks again whether a repository has no referrers API, if the first responses left a doubt. @throws WireError */
  hasStillNoReferrersApi(repository: Repository, subject: Digest): Promise<boolean> {
    return this.#referrersApi.isStillAbsent(repository, subject)
  }

  /**
   * Lists what refers to a manifest, if the registry has the referrers API.
   *
   * @throws WireError
   */
  referrers(repository: Repository, subject: Digest): Promise<Listing> {
    return this.#referrersApi.list(repository, subject)
  }

  /** Probes whether blobs can be deleted. @throws WireError if there is no response */
  async blobDeletion(repository: Repository): Promise<Deletion> {
    const response = await this.#client.deleteBlob(repository, this.#randomDigest(), PROBE)
    return judgeBlobProbe(response, this.#manifestDeletions.get(repository))
  }

  /**
   * Finds out whether a refused DELETE of a tag means that no tag can be deleted by name: then the DELETE of a random tag
   * gets the same status and code (Pulp). Otherwise only this tag is refused (safety rule 7).
   *
   * @throws WireError if there is no response
   */
  async refusesEveryTag(repository: Repository, refused: TagRefusal): Promise<boolean> {
    const response = await this.#client.deleteManifest(repository, this.#randomTag(), PROBE)
    return response.status === refused.status && firstCode(response) === refused.code
  }

  /**
   * Finds out whether a 404 for a manifest is the registry's own: then a random digest gets one of the same form at the same
   * time.
   *
   * @throws WireError if there is no response
   */
  async isOwnAbsence(repository: Repository, response: Response): Promise<boolean> {
    const absence = absenceOf(response)
    if (absence === undefined) return false
    const expected = absenceOf(await this.#client.manifest(repository, this.#randomDigest(), FRESH_READ))
    return expected !== undefined && sameAbsence(absence, expected)
  }

  /**
   * Finds out whether NOT_FOUND is how this registry itself says that it does not know something, as Harbor does: then a
   * random manifest gets it, too.
   *
   * @throws WireError if there is no response
   */
  async saysNotFound(repository: Repository): Promise<boolean> {
    const response = await this.#client.manifest(repository, this.#randomDigest(), FRESH_READ)
    return meaningOf('manifest', response) === 'perhaps-unknown'
  }

  async #manifestDeletion(repository: Repository): Promise<Deletion> {
    const response = await this.#client.deleteManifest(repository, this.#randomDigest(), PROBE)
    const deletion = judge('probe-manifest', response)
    this.#manifestDeletions.set(repository, deletion)
    return deletion
  }

  #randomDigest(): Digest {
    return `sha256:${this.#random.hex(32)}` as Digest
  }

  #randomTag(): Tag {
    return `registry-purge-probe-${this.#random.hex(16)}` as Tag
  }
}

function by(way: Way, deletion: Deletion): Untagging {
  return deletion.is === 'on' ? { is: 'possible', way } : { is: 'impossible', deletion }
}

/** The response to the DELETE of a tag that was refused. */
export interface TagRefusal {
  readonly status: number
  /** The first error code of the body, or ''. */
  readonly code: string
}

/** Deletion is on if the registry does not know the random name, and only then. */
function judge(asked: Asked, response: Response): Deletion {
  const answered = describe(response)
  const means = meaningOf(asked, response)
  if (means === 'unknown') return { is: 'on' }
  if (means === 'unauthenticated' || means === 'forbidden') {
    const right = rightFor(response, 'delete')
    return { is: 'denied', answered, ...(right !== undefined && { right }) }
  }
  if (means === 'off' || means === 'read-only')
    return { is: 'off', answered, readOnly: means === 'read-only' }
  // A firewall's 403 is a missing right as well: a dry run only warns.
  const denied = means === 'foreign' && response.status === 403
  return { is: 'unclear', answered, means, denied }
}

/**
 * Gitea accepts the DELETE of any blob, also of one that never existed. That says nothing, so the response to the DELETE of
 * the random manifest decides.
 */
function judgeBlobProbe(response: Response, manifestDeletion: Deletion | undefined): Deletion {
  const deletion = judge('probe-blob', response)
  const saysYes = deletion.is === 'unclear' && deletion.means === 'asynchronous'
  return saysYes && manifestDeletion?.is === 'on' ? manifestDeletion : deletion
}
