import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Client } from '../registry/client.js'
import { meaningOf } from '../registry/answers/classify.js'
import { FRESH_READ } from '../registry/reading.js'
import type { Random } from '../registry/time.js'
import { listReferrers, type Listing } from './lists/referrers.js'

/** The referrers API of a registry. It finds out once for each repository whether the API exists, and remembers that. */
export class ReferrersApi {
  readonly #client: Client
  readonly #random: Random
  readonly #present = new Map<Repository, Promise<boolean>>()
  /** Repositories whose first responses did not show for certain that they have no such API. */
  readonly #doubtful = new Set<Repository>()

  constructor(client: Client, random: Random) {
    this.#client = client
    this.#random = random
  }

  /** @returns whether a repository has the API; false before the first call of `list` */
  async isPresent(repository: Repository): Promise<boolean> {
    return (await this.#present.get(repository)?.catch(() => true)) ?? false
  }

  /**
   * Lists the referrers of a manifest. The first response for a repository shows whether it has the API. If that response
   * may be a passing failure, a second request decides. If there is no API, it sends no further request for that
   * repository.
   *
   * @throws WireError
   */
  async list(repository: Repository, subject: Digest): Promise<Listing> {
    const known = this.#present.get(repository)
    if (known === undefined) {
      const first = this.#first(repository, subject)
      const present = first.then(({ is }) => is !== 'absent')
      present.catch(() => undefined)
      this.#present.set(repository, present)
      return first
    }
    if (!(await known)) return { is: 'absent', sign: 'no-route' }
    const listing = await listReferrers(this.#client, repository, subject)
    if (listing.is !== 'absent') return listing
    if (listing.sign === 'unknown' && (await this.#isUnknown(repository, subject)))
      return { is: 'listed', digests: [] }
    // A registry with the API returns a list for every manifest that it has, so this is a failure and not an empty list.
    return { is: 'unclear', why: { is: 'missing', elsewhere: false } }
  }

  /**
   * Asks again whether a repository without the API really has none. One passing failure of a proxy must not hide what
   * refers to a manifest. Sends a request only if the first responses left a doubt.
   *
   * @throws WireError
   */
  async isStillAbsent(repository: Repository, subject: Digest): Promise<boolean> {
    if (!this.#doubtful.has(repository)) return true
    return (await listReferrers(this.#client, repository, subject, true)).is === 'absent'
  }

  /** Finds out whether the registry does not know a manifest, such as one that this run deleted. */
  async #isUnknown(repository: Repository, subject: Digest): Promise<boolean> {
    const response = await this.#client.manifest(repository, subject, FRESH_READ)
    return ['unknown', 'perhaps-unknown'].includes(meaningOf('manifest', response))
  }

  /** Sends the first request, and checks a refusal: one stale replica, or one error page of a proxy, must not hide all signatures. */
  async #first(repository: Repository, subject: Digest): Promise<Listing> {
    const first = await listReferrers(this.#client, repository, subject)
    if (first.is !== 'absent' || first.sign === 'no-route') return first
    // A registry with the API returns a list for any digest, even for one that never existed.
    const random = `sha256:${this.#random.hex(32)}` as Digest
    const other = await listReferrers(this.#client, repository, random, true)
    if (other.is === 'absent' && (other.sign === 'unknown') === (first.sign === 'unknown')) {
      this.#doubtful.add(repository)
      return first
    }
    const again = await listReferrers(this.#client, repository, subject, true)
    return again.is === 'absent' ? { is: 'unclear', why: { is: 'missing', elsewhere: true } } : again
  }
}
