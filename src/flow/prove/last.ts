import type { Digest } from '../../oci/digest.js'
import { essence, kindOf } from '../../oci/mediatype.js'
import type { Item } from '../../plan/item.js'
import type { Problem } from '../../plan/problem.js'
import type { ProofProblem } from '../../plan/problems/proof.js'
import type { CheckOptions } from '../../proof/check-options.js'
import { checkAsManifests, checkByRange, type Unproven } from '../../proof/last.js'
import type { Standings } from '../../proof/standing.js'
import { deleteOnceMore } from '../../purge/heal.js'
import type { RepositoryPurge } from '../../purge/repository-purge.js'
import type { Absence } from '../../registry/absence.js'
import { say } from '../../report/words/problem.js'
import type { Journal } from '../../plan/journal.js'
import { LONGEST_CHECK } from './rounds.js'

/** The final checks of one repository: two requests, each of which can bring a purged blob back. */
export class LastChecks {
  readonly problems: Problem[] = []
  /** Blobs that have a problem in `problems`. */
  readonly reported = new Set<Item['name']>()
  readonly #purge: RepositoryPurge
  readonly #standings: Standings
  readonly #journal: Journal

  constructor(purge: RepositoryPurge, standings: Standings, journal: Journal) {
    this.#purge = purge
    this.#standings = standings
    this.#journal = journal
  }

  /** Requests purged blobs once on `/manifests/` if they may be served there too. @throws Stopped */
  async asManifests(items: readonly Item[]): Promise<void> {
    const blobs = blobsOf(items).filter((digest) => this.#mayBeManifest(digest))
    const found = await checkAsManifests(this.#purge.tools, this.#options, blobs)
    this.#add(found, 'manifest')
  }

  /**
   * Requests the first byte of each purged blob.
   *
   * @param never the response on `/blobs/` for a digest that never existed
   * @returns the blobs that are still served
   * @throws Stopped
   */
  async byRange(items: readonly Item[], never: Absence | undefined): Promise<readonly Digest[]> {
    const found = await checkByRange(this.#purge.tools, this.#options, blobsOf(items), never)
    this.#add(found, 'range')
    return found.flatMap(({ digest, is }) => (is === 'served' ? [digest] : []))
  }

  /** Deletes once more the blobs that the last check brought back. Reads nothing afterwards. @throws Stopped */
  async deleteOnceMore(digests: readonly Digest[]): Promise<void> {
    if (digests.length === 0) return
    this.problems.push(...(await deleteOnceMore(this.#purge, digests)))
  }

  get #options(): CheckOptions {
    return { repository: this.#purge.plan.repository, timeout: LONGEST_CHECK }
  }

  #mayBeManifest(digest: Digest): boolean {
    const planned = this.#purge.plan.blobs.find((blob) => blob.digest === digest)
    return planned === undefined || kindOf(essence(planned.mediaType)) !== 'blob'
  }

  #add(found: readonly Unproven[], check: 'manifest' | 'range'): void {
    const { repository } = this.#purge.plan
    for (const { digest, is, answered } of found) {
      if (is === 'served') this.#standings.revoke(digest)
      const problem: ProofProblem =
        is === 'unclear'
          ? { kind: 'final-check-unclear', repository, check, digest, answered }
          : { kind: SERVED[check], repository, digest, answered }
      this.problems.push(problem)
      this.reported.add(digest)
      this.#journal.note(say(problem).text)
    }
    if (found.length > 0) this.#journal.round(repository, this.#standings.all)
  }
}

const SERVED = { manifest: 'served-as-manifest', range: 'answers-range' } as const

function blobsOf(items: readonly Item[]): Digest[] {
  return items.flatMap(({ kind, name }) => (kind === 'blob' ? [name] : []))
}
