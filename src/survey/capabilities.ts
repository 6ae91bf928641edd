import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import type { Client } from '../registry/client.js'
import {
  describe,
  errorEntries,
  hasCode,
  isDenied,
  isUnknown,
  isUnsupportedForTags,
} from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import type { Random } from '../registry/time.js'
import type { Deletion, Untagging } from './facts.js'
import { listReferrers, type Listing } from './referrers.js'

const TIMEOUT = 60_000

/**
 * What the registry can do, found out by asking, and remembered for the run: versions and names of products are never
 * looked at. Every probe names something random that does not exist, so it changes nothing.
 */
export class Capabilities {
  readonly #client: Client
  readonly #random: Random
  readonly #referrers = new Map<Repository, Promise<boolean>>()
  /** Repositories where a tag cannot be deleted by its name: a front may lead each to another registry. */
  readonly #noTagEndpoint = new Set<Repository>()
  /** Repositories where a DELETE takes digests only, as on distribution 2.x. */
  readonly #digestsOnly = new Set<Repository>()
  /** What the probe of manifests came to. */
  readonly #manifests = new Map<Repository, Deletion>()

  constructor(client: Client, random: Random) {
    this.#client = client
    this.#random = random
  }

  /** Whether tags of a repository go with their manifests only, as far as is known by now. */
  tagsGoWithManifests(repository: Repository): boolean {
    return this.#noTagEndpoint.has(repository)
  }

  /**
   * Whether a repository keeps manifests that lose their last tag: distribution 2.x does, which is known by its response to
   * the DELETE of a tag. Of other registries without a tag endpoint nothing is known.
   */
  keepsUntagged(repository: Repository): boolean {
    return this.#digestsOnly.has(repository)
  }

  /** Whether a repository has the referrers API, as far as is known by now. */
  async hasReferrersApi(repository: Repository): Promise<boolean> {
    return (await this.#referrers.get(repository)?.catch(() => true)) ?? false
  }

  /** Remembers that a real tag could not be deleted by its name. */
  noteNoTagEndpoint(repository: Repository): void {
    this.#noTagEndpoint.add(repository)
  }

  /**
   * The probe: one DELETE of a random manifest digest and one of a random blob digest. Distribution 3.0.0 deletes tags
   * although deletion is off (CVE-2026-41888), so this comes before any write.
   *
   * @returns what the registry said for manifests and for blobs
   * @throws WireError when no answer came
   */
  async deletion(repository: Repository): Promise<{ manifestDeletion: Deletion; blobDeletion: Deletion }> {
    const [manifestDeletion, blobDeletion] = await Promise.all([
      this.#manifestDeletion(repository),
      this.blobDeletion(repository),
    ])
    return { manifestDeletion, blobDeletion }
  }

  /**
   * Finds the way to remove a label so that its manifest stays: the tag endpoint; GitLab's own; and where neither is
   * there (2.x) a placeholder, which needs the deletion of manifests. Each is given up only for an answer that says
   * that it is not there, never because something merely failed (safety rule 7).
   *
   * @throws WireError when no answer came
   */
  async untagging(repository: Repository): Promise<Untagging> {
    if (!this.#noTagEndpoint.has(repository)) {
      const response = await this.#client.deleteManifest(repository, this.#nobody(), PROBE)
      if (!isUnsupportedForTags(response)) return by('tag', judge(response))
      this.#noTagEndpoint.add(repository)
      if (hasCode(response, 'DIGEST_INVALID')) this.#digestsOnly.add(repository)
    }
    const response = await this.#client.deleteTagReference(repository, this.#nobody(), PROBE)
    // It is part of no specification: that it is not there is the usual case, in whatever words.
    const missing = [404, 405, 501].includes(response.status) && !isUnknown(response)
    if (!missing && !isUnsupportedForTags(response)) return by('gitlab', judge(response))
    return by('placeholder', this.#manifests.get(repository) ?? (await this.#manifestDeletion(repository)))
  }

  /**
   * What refers to a manifest, by the referrers API. Whether a repository has that API, its first answer tells, and
   * where that may have been a hiccup a second one; without it nothing more is asked there.
   *
   * @throws WireError
   */
  async referrers(repository: Repository, subject: Digest): Promise<Listing> {
    const known = this.#referrers.get(repository)
    if (known === undefined) {
      const first = this.#firstReferrers(repository, subject)
      const answer = first.then(({ is }) => is !== 'absent')
      answer.catch(() => undefined)
      this.#referrers.set(repository, answer)
      return first
    }
    if (!(await known)) return { is: 'absent', sure: true }
    const listing = await listReferrers(this.#client, repository, subject)
    // Where there is such an API it answers for every manifest, so this is a failure and no "nothing refers".
    return listing.is === 'absent'
      ? {
          is: 'unclear',
          why: `the list of referrers of ${subject} was answered as if there were no such API`,
        }
      : listing
  }

  /** One replica that lags behind, or a page of a proxy, must not hide all signatures. */
  async #firstReferrers(repository: Repository, subject: Digest): Promise<Listing> {
    const first = await listReferrers(this.#client, repository, subject)
    if (first.is !== 'absent' || first.sure) return first
    // A registry that has the API answers for any digest, also for one that never existed.
    const other = await listReferrers(this.#client, repository, this.#nothing(), true)
    if (other.is === 'absent') return first
    const again = await listReferrers(this.#client, repository, subject, true)
    return again.is === 'absent'
      ? {
          is: 'unclear',
          why: `the list of referrers of ${subject} was answered as if there were no such API, which answers for other digests`,
        }
      : again
  }

  /**
   * The same, where a real tag was refused by the tag endpoint although the probe was not.
   *
   * @throws WireError when no answer came
   */
  untaggingWithout(repository: Repository): Promise<Untagging> {
    this.#noTagEndpoint.add(repository)
    return this.untagging(repository)
  }

  /** Asks whether blobs can be deleted. @throws WireError when no answer came */
  blobDeletion(repository: Repository): Promise<Deletion> {
    return this.#client.deleteBlob(repository, this.#nothing(), PROBE).then(judge)
  }

  async #manifestDeletion(repository: Repository): Promise<Deletion> {
    const deletion = judge(await this.#client.deleteManifest(repository, this.#nothing(), PROBE))
    this.#manifests.set(repository, deletion)
    return deletion
  }

  #nothing(): Digest {
    return `sha256:${this.#random.hex(32)}` as Digest
  }

  #nobody(): Tag {
    return `registry-purge-probe-${this.#random.hex(16)}` as Tag
  }
}

const PROBE = { purpose: 'probe', timeout: TIMEOUT } as const

function by(way: 'tag' | 'gitlab' | 'placeholder', deletion: Deletion): Untagging {
  return deletion.is === 'on' ? { is: 'possible', way } : { is: 'impossible', deletion }
}

/** Yes is a 404 with a `*_UNKNOWN` code in a JSON body; nothing else is. */
function judge(response: Response): Deletion {
  const why = describe(response)
  if (isUnknown(response)) return { is: 'on' }
  if (isDenied(response)) return { is: 'denied', why }
  if (response.status === 405 || hasCode(response, 'UNSUPPORTED'))
    return { is: 'off', why, readOnly: errorEntries(response.body).length === 0 && readsOnly(response) }
  return { is: 'unclear', why }
}

/** Distribution in read-only mode has no DELETE route at all: 405 in plain text with `Allow: GET, HEAD`. */
function readsOnly(response: Response): boolean {
  const allow = response.headers.get('allow')
  return allow !== undefined && !allow.toUpperCase().includes('DELETE')
}
