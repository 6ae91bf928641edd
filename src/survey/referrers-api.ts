import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Client } from '../registry/client.js'
import type { Random } from '../registry/time.js'
import { listReferrers, type Listing } from './lists/referrers.js'

/** The referrers API of a registry. Whether a repository has it is found out once and remembered for the run. */
export class ReferrersApi {
  readonly #client: Client
  readonly #random: Random
  readonly #present = new Map<Repository, Promise<boolean>>()

  constructor(client: Client, random: Random) {
    this.#client = client
    this.#random = random
  }

  /** @returns whether a repository has the API, as far as is known; false before the first call of `list` */
  async isPresent(repository: Repository): Promise<boolean> {
    return (await this.#present.get(repository)?.catch(() => true)) ?? false
  }

  /**
   * Lists what refers to a manifest. The first response for a repository tells whether it has the API; if that response
   * may have been a hiccup, a second one does. Without the API no further request is sent for that repository.
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
    if (!(await known)) return { is: 'absent', sure: true }
    const listing = await listReferrers(this.#client, repository, subject)
    // A registry that has the API lists the referrers of every manifest, so this is a failure and not an empty list.
    return listing.is === 'absent' ? { is: 'unclear', why: { is: 'missing', elsewhere: false } } : listing
  }

  /** One stale replica, or one error page of a proxy, must not hide all signatures. */
  async #first(repository: Repository, subject: Digest): Promise<Listing> {
    const first = await listReferrers(this.#client, repository, subject)
    if (first.is !== 'absent' || first.sure) return first
    // A registry that has the API returns a list for any digest, even for one that never existed.
    const random = `sha256:${this.#random.hex(32)}` as Digest
    const other = await listReferrers(this.#client, repository, random, true)
    if (other.is === 'absent') return first
    const again = await listReferrers(this.#client, repository, subject, true)
    return again.is === 'absent' ? { is: 'unclear', why: { is: 'missing', elsewhere: true } } : again
  }
}
