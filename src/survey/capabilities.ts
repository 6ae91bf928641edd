import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Client } from '../registry/client.js'
import { DIALECTS, STANDARD } from '../registry/dialects/dialects.js'
import { describe, errorEntries, hasCode, isDenied, isUnknown } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import type { Random } from '../registry/time.js'
import type { Deletion, Untagging, Way } from './facts.js'
import type { Listing } from './lists/referrers.js'
import { ReferrersApi } from './referrers-api.js'

const PROBE = { purpose: 'probe', timeout: 60_000 } as const

/**
 * What the registry can do, found out by probes and remembered for the run. Versions and names of products do not count.
 * Every probe names something random that does not exist, so it changes nothing.
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

  /** @returns whether a tag can only be deleted together with its manifest, as far as is known */
  tagsGoWithManifests(repository: Repository): boolean {
    return this.#noTagEndpoint.has(repository)
  }

  /**
   * @returns whether a repository keeps manifests that lose their last tag. Only distribution 2.x is known to do so, by
   *   its response to the DELETE of a tag
   */
  keepsUntagged(repository: Repository): boolean {
    return this.#digestsOnly.has(repository)
  }

  /** @returns whether a repository has the referrers API, as far as is known */
  hasReferrersApi(repository: Repository): Promise<boolean> {
    return this.#referrersApi.isPresent(repository)
  }

  /** Remembers that a real tag could not be deleted by name. */
  noteNoTagEndpoint(repository: Repository): void {
    this.#noTagEndpoint.add(repository)
  }

  /**
   * Probes for the deletion of manifests and of blobs, with one DELETE of a random digest each. Must come before any
   * write: distribution 3.0.0 deletes tags even if deletion is off (CVE-2026-41888).
   *
   * @throws WireError if there is no response
   */
  async deletion(repository: Repository): Promise<{ manifestDeletion: Deletion; blobDeletion: Deletion }> {
    const [manifestDeletion, blobDeletion] = await Promise.all([
      this.#manifestDeletion(repository),
      this.blobDeletion(repository),
    ])
    return { manifestDeletion, blobDeletion }
  }

  /**
   * Probes for a way to delete a tag and keep its manifest: each dialect in turn, and if the registry has none of them
   * (distribution 2.x) a placeholder, which needs the deletion of manifests. A dialect is given up only if the response
   * shows that the endpoint is missing, never because something failed (safety rule 7).
   *
   * @throws WireError if there is no response
   */
  async untagging(repository: Repository): Promise<Untagging> {
    for (const dialect of DIALECTS) {
      if (dialect === STANDARD && this.#noTagEndpoint.has(repository)) continue
      const response = await dialect.remove(this.#client, repository, this.#randomTag(), PROBE)
      if (dialect.recognise(response)) return by(dialect.name, judge(response))
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
   * As `untagging`, after the tag endpoint refused a real tag although it passed the probe.
   *
   * @throws WireError if there is no response
   */
  untaggingWithout(repository: Repository): Promise<Untagging> {
    this.#noTagEndpoint.add(repository)
    return this.untagging(repository)
  }

  /**
   * Lists what refers to a manifest, if the registry has the referrers API.
   *
   * @throws WireError
   */
  referrers(repository: Repository, subject: Digest): Promise<Listing> {
    return this.#referrersApi.list(repository, subject)
  }

  /** Probes for the deletion of blobs. @throws WireError if there is no response */
  async blobDeletion(repository: Repository): Promise<Deletion> {
    return judge(await this.#client.deleteBlob(repository, this.#randomDigest(), PROBE))
  }

  async #manifestDeletion(repository: Repository): Promise<Deletion> {
    const deletion = judge(await this.#client.deleteManifest(repository, this.#randomDigest(), PROBE))
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

/** Deletion is on if the response is a 404 with a `*_UNKNOWN` code in a JSON body, and only then. */
function judge(response: Response): Deletion {
  const answered = describe(response)
  if (isUnknown(response)) return { is: 'on' }
  if (isDenied(response)) return { is: 'denied', answered }
  if (response.status === 405 || hasCode(response, 'UNSUPPORTED'))
    return { is: 'off', answered, readOnly: errorEntries(response.body).length === 0 && readsOnly(response) }
  return { is: 'unclear', answered }
}

/** In read-only mode distribution has no route for DELETE: it returns 405 in plain text with `Allow: GET, HEAD`. */
function readsOnly(response: Response): boolean {
  const allow = response.headers.get('allow')
  return allow !== undefined && !allow.toUpperCase().includes('DELETE')
}
