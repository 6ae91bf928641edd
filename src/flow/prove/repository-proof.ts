import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { Item } from '../../plan/item.js'
import type { Problem } from '../../plan/problem.js'
import type { ProofProblem } from '../../plan/problems/proof.js'
import { checkRemaining, type RemainingCheck } from '../../proof/remaining/check.js'
import type { Round } from '../../proof/round.js'
import type { Standings } from '../../proof/standing.js'
import type { Execution } from '../../purge/execution.js'
import type { Present } from '../../purge/burst.js'
import { BURSTS, heal } from '../../purge/heal.js'
import type { RepositoryPurge } from '../../purge/repository-purge.js'
import { WireError } from '../../registry/errors.js'
import { sayBecause } from '../../report/words/detail.js'
import { sayProof, sayRound } from '../../report/words/round.js'
import { ListError, problemOf } from '../../survey/errors.js'
import type { Journal } from '../../plan/journal.js'
import { LastChecks } from './last.js'
import { Rounds, type Run } from './rounds.js'
import { answeredAfterFailures, blobsNeverThere, stillListed, unproven } from './unproven.js'
import { Watch } from './watch.js'

/** The result of the proof of one repository. */
export interface Conclusion {
  /** Every item to delete is proven gone, and every tag to keep is complete. */
  readonly proven: boolean
  /** Content that the plan deletes, but that is kept, with the tags that need it now. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 5_000

/**
 * The proof of one repository. The order matters, since some registries bring a digest back when it is read elsewhere.
 * First the remaining tags are read. Then rounds of checks prove that the purged items are gone. At the end each purged
 * blob is requested in the two ways that could bring it back. Nothing is read after that.
 */
export class RepositoryProof {
  readonly purge: RepositoryPurge
  readonly #execution: Execution
  readonly #journal: Journal
  /** Milliseconds between two rounds, or more. */
  readonly #interval: number
  readonly #watch: Watch
  readonly #standings: Standings
  readonly #rounds: Rounds
  readonly #last: LastChecks
  #remaining: RemainingCheck
  /** The remaining tags were not checked since the last burst of DELETEs. */
  #remainingIsStale = true
  #bursts = 0
  /** Milliseconds of `verify-timeout` that are left. */
  #left: number

  constructor(purge: RepositoryPurge, execution: Execution, journal: Journal, run: Run) {
    this.purge = purge
    this.#execution = execution
    this.#interval = run.thoroughness.interval
    this.#journal = journal
    this.#watch = new Watch(purge, execution)
    this.#rounds = new Rounds(purge, this.#watch.all, run)
    this.#standings = this.#rounds.standings
    this.#last = new LastChecks(purge, this.#standings, journal)
    this.#remaining = unchecked({ kind: 'remaining-unchecked', repository: purge.plan.repository })
    this.#left = run.thoroughness.timeout
  }

  /** Whether there were enough clean rounds in a row, by the signs so far that replicas differ. */
  get proven(): boolean {
    return this.#rounds.proven
  }

  /** Whether the proof is not complete, and there is time left for it. */
  get open(): boolean {
    return this.#watch.items.length > 0 && this.#left > 0 && !this.proven
  }

  /** Checks every tag that was to be kept, and whether a tag needs deleted content. @throws Stopped */
  async checkRemaining(): Promise<void> {
    const { plan, tools } = this.purge
    try {
      const seen = await this.purge.freshness.checkAgain('end')
      for (const name of this.#watch.addNeeded(seen)) this.#standings.revoke(name)
      this.#remaining = await checkRemaining(tools, this.purge)
    } catch (error) {
      // A failed check proves nothing.
      if (!(error instanceof WireError || error instanceof ListError)) throw error
      const { repository } = plan
      this.#remaining = unchecked({ kind: 'remaining-unchecked', repository, cause: problemOf(error) })
    }
    this.#remainingIsStale = false
    this.#journal.remaining(plan.repository, this.#remaining.remaining)
  }

  /** Starts the proof again: a read or a DELETE in another repository may have brought items back. */
  restart(): void {
    this.#standings.restart()
    this.#reportStandings()
  }

  /**
   * Makes rounds until enough of them are clean in a row. Deletes items again that are still served. Gives up when the time
   * is up.
   *
   * @returns whether it read or deleted content that may bring back items that another repository purged
   * @throws Stopped
   */
  async prove(): Promise<boolean> {
    const { plan, tools } = this.purge
    const { client, clock } = tools
    const deadline = clock.now() + this.#left
    let disturbed = false
    let dirty = 0
    client.throwIfStopped()
    this.#journal.begin(plan.repository, 'Verify')
    while (this.#watch.items.length > 0) {
      client.throwIfStopped()
      const { round, clean } = await this.#check(deadline)
      if (clean && this.#remainingIsStale) {
        await this.checkRemaining()
        this.restart()
        disturbed = true
      }
      if (this.proven) break
      const present = this.#watch.stillThere(round)
      if (present.length > 0 && this.#bursts < BURSTS && clock.now() < deadline) {
        await this.#heal(present)
        disturbed = true
      }
      if (clock.now() >= deadline) break
      dirty = clean ? 0 : dirty + 1
      const pause = Math.max(this.#interval, pauseBeforeRound(dirty))
      await clock.sleep(Math.min(pause, Math.max(0, deadline - clock.now())), client.stop)
    }
    this.#left = Math.max(0, deadline - clock.now())
    if (this.#remainingIsStale) {
      await this.checkRemaining()
      disturbed = true
    }
    this.#reportStandings()
    const summary = sayProof(this.#standings, this.#remaining.remaining, this.#whole)
    this.#journal.end(plan.repository, 'Verify', summary)
    return disturbed
  }

  /** Requests purged blobs once on `/manifests/`. Call it only if the repository is proven. @throws Stopped */
  checkAsManifests(): Promise<void> {
    return this.#last.asManifests(this.#watch.items)
  }

  /**
   * Requests the first byte of each purged blob, as the last check. A registry that shares blobs between repositories may
   * serve it, and from then on serves the whole blob.
   *
   * @returns the blobs that are served. The caller must delete them once more, after the last read
   * @throws Stopped
   */
  checkByRange(): Promise<readonly Digest[]> {
    return this.#last.byRange(this.#watch.items, this.#rounds.never)
  }

  /** Deletes once more the blobs that the last check brought back. Reads nothing afterwards. @throws Stopped */
  deleteOnceMore(digests: readonly Digest[]): Promise<void> {
    return this.#last.deleteOnceMore(digests)
  }

  /** @returns the result of the proof. Call it after the last check */
  conclude(): Conclusion {
    const { plan } = this.purge
    // Another repository may have shown meanwhile that more rounds are needed.
    this.#reportStandings()
    const proven = this.#whole && this.#last.problems.length === 0
    if (proven) this.purge.confirmLabels()
    const purgeProblems = this.#execution.problems
    const warnings = [
      ...stillListed(this.purge),
      ...answeredAfterFailures(plan.repository, this.#rounds.lost),
      ...this.#remaining.warnings,
    ]
    if (!proven)
      return {
        proven,
        left: this.#watch.left,
        problems: [...this.#problems(), ...purgeProblems],
        warnings,
      }
    // The responses to DELETEs of tags do not matter once the proof is complete. The other problems become warnings.
    const notes = purgeProblems.filter((each) => !('item' in each && each.item.kind === 'tag'))
    return {
      proven,
      left: this.#watch.left,
      problems: [],
      warnings: [...notes, ...blobsNeverThere(this.purge), ...warnings],
    }
  }

  #problems(): Problem[] {
    const { problems, reported } = this.#last
    const earlier = [...this.#watch.problems, ...problems]
    if (this.proven) return [...earlier, ...this.#remaining.problems]
    const placed = this.#watch.onPlaceholders(this.purge.facts)
    const names = new Set<Item['name']>([...reported, ...placed.map(({ tag }) => tag)])
    const open = unproven(this.#standings.all, this.purge, names, this.#rounds)
    return [...earlier, ...placed, ...open, ...this.#remaining.problems]
  }

  /** Whether every item to delete is gone, and every tag to keep is complete. */
  get #whole(): boolean {
    return this.proven && this.#watch.complete && this.#remaining.problems.length === 0
  }

  async #check(deadline: number): Promise<{ readonly round: Round; readonly clean: boolean }> {
    const checked = await this.#rounds.check(this.#watch.items, deadline, this.#bursts > 0)
    this.#reportStandings()
    this.#journal.note(sayRound(this.#rounds.number, checked.round, this.#standings))
    return checked
  }

  async #heal(present: readonly Present[]): Promise<void> {
    const healing = await heal(this.purge, present, this.#bursts)
    // A burst that the registry delayed does not count.
    if (!healing.putOff) this.#bursts++
    this.#remainingIsStale = true
    this.#watch.addHealing(healing)
    for (const why of healing.unsure) this.#journal.note(`nothing was deleted again: ${sayBecause(why)}`)
  }

  #reportStandings(): void {
    this.#journal.round(this.purge.plan.repository, this.#standings.all)
  }
}

function unchecked(problem: ProofProblem): RemainingCheck {
  return { remaining: [], warnings: [], problems: [problem] }
}

/** @param dirty how many of the last rounds, in a row, were not clean @returns milliseconds */
function pauseBeforeRound(dirty: number): number {
  return dirty === 0 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (dirty - 1))
}
