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
import { count } from '../../report/text.js'
import { sayBecause } from '../../report/words/detail.js'
import { sayRound } from '../../report/words/round.js'
import { ListError, problemOf } from '../../survey/errors.js'
import type { Journal } from '../../plan/journal.js'
import { LastChecks } from './last.js'
import { Rounds, type Run } from './rounds.js'
import { answeredAfterFailures, blobsNeverThere, unproven } from './unproven.js'
import { Watch } from './watch.js'

/** What the proof of one repository came to. */
export interface Conclusion {
  /** Everything that was to go is proven gone, and everything that was to stay is whole. */
  readonly proven: boolean
  /** Planned to go, but tags came to need it. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 5_000

/**
 * The proof of one repository on its way. The order matters, since some registries bring a digest back when it is read
 * in another place: first what stays is read, then rounds of checks prove what is gone, and at the very end each purged
 * blob is requested in the two ways that could bring it back. Nothing is read after that.
 */
export class RepositoryProof {
  readonly purge: RepositoryPurge
  readonly #execution: Execution
  readonly #journal: Journal
  /** Milliseconds between two rounds, at least. */
  readonly #interval: number
  readonly #watch: Watch
  readonly #standings: Standings
  readonly #rounds: Rounds
  readonly #last: LastChecks
  #stay: RemainingCheck
  /** A burst of DELETEs came after what stays was read. */
  #stayIsOld = true
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
    this.#stay = unchecked({ kind: 'remaining-unchecked', repository: purge.plan.repository })
    this.#left = run.thoroughness.timeout
  }

  /** Enough clean rounds in a row, by what the run knows of the registry's replicas by now. */
  get proven(): boolean {
    return this.#rounds.proven
  }

  /** The proof is not complete, and there is time left for it. */
  get open(): boolean {
    return this.#watch.items.length > 0 && this.#left > 0 && !this.proven
  }

  /** Checks everything that was to stay, to its last blob, and whether a tag brought back what was gone. @throws Stopped */
  async checkRemaining(): Promise<void> {
    const { plan, tools } = this.purge
    try {
      const seen = await this.purge.freshness.checkAgain('end')
      for (const name of this.#watch.addNeeded(seen)) this.#standings.revoke(name)
      this.#stay = await checkRemaining(tools, this.purge)
    } catch (error) {
      // What could not be read is no proof.
      if (!(error instanceof WireError || error instanceof ListError)) throw error
      const { repository } = plan
      this.#stay = unchecked({ kind: 'remaining-unchecked', repository, cause: problemOf(error) })
    }
    this.#stayIsOld = false
    this.#journal.remaining(plan.repository, this.#stay.remaining)
  }

  /** Starts the proof anew: what another repository read or deleted may have undone it. */
  restart(): void {
    this.#standings.restart()
    this.#tellStandings()
  }

  /**
   * Makes rounds until enough of them are clean in a row, deletes again what is still served, and gives up when the time
   * is up.
   *
   * @returns whether anything was read or deleted again that may bring back what another repository purged
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
      if (clean && this.#stayIsOld) {
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
    if (this.#stayIsOld) {
      await this.checkRemaining()
      disturbed = true
    }
    this.#tellStandings()
    this.#journal.end(plan.repository, 'Verify', this.#summary())
    return disturbed
  }

  /** Requests purged blobs once on `/manifests/`. Only for a proven repository. @throws Stopped */
  checkAsManifests(): Promise<void> {
    return this.#last.asManifests(this.#watch.items)
  }

  /**
   * The very last check: requests the first byte of each purged blob. A store that shares blobs between repositories
   * serves it, and serves the blob from then on.
   *
   * @returns the blobs that are served; they are to be deleted once more when nothing is read any more
   * @throws Stopped
   */
  checkByRange(): Promise<readonly Digest[]> {
    return this.#last.byRange(this.#watch.items, this.#rounds.never)
  }

  /** Deletes once more what the very last check brought back. Nothing is read afterwards. @throws Stopped */
  deleteOnceMore(digests: readonly Digest[]): Promise<void> {
    return this.#last.deleteOnceMore(digests)
  }

  /** @returns what the proof came to; to be called when nothing is checked any more */
  conclude(): Conclusion {
    const { plan } = this.purge
    // Another repository may have shown since that more rounds are needed.
    this.#tellStandings()
    const proven = this.#whole && this.#last.problems.length === 0
    if (proven) this.purge.confirmLabels()
    const answered = this.#execution.problems
    const warnings = [...answeredAfterFailures(plan.repository, this.#rounds.lost), ...this.#stay.warnings]
    if (!proven)
      return {
        proven,
        left: this.#watch.left,
        problems: [...this.#problems(), ...answered],
        warnings,
      }
    // How a DELETE was answered does not matter once the proof is complete, least of all that of a tag that is gone.
    const said = answered.filter((each) => !('item' in each && each.item.kind === 'tag'))
    return {
      proven,
      left: this.#watch.left,
      problems: [],
      warnings: [...said, ...blobsNeverThere(this.purge), ...warnings],
    }
  }

  #problems(): Problem[] {
    const { problems, told } = this.#last
    const beforeThat = [...this.#watch.problems, ...problems]
    if (this.proven) return [...beforeThat, ...this.#stay.problems]
    const placed = this.#watch.onPlaceholders(this.purge.facts)
    const names = new Set<Item['name']>([...told, ...placed.map(({ tag }) => tag)])
    const open = unproven(this.#standings.all, this.purge, names, this.#rounds.controlFlaw)
    return [...beforeThat, ...placed, ...open, ...this.#stay.problems]
  }

  /** Everything that was to go is gone, and everything that was to stay is whole. */
  get #whole(): boolean {
    return this.proven && this.#watch.complete && this.#stay.problems.length === 0
  }

  async #check(deadline: number): Promise<{ readonly round: Round; readonly clean: boolean }> {
    const checked = await this.#rounds.check(this.#watch.items, deadline, this.#bursts > 0)
    this.#tellStandings()
    this.#journal.note(sayRound(this.#rounds.number, checked.round, this.#standings))
    return checked
  }

  async #heal(present: readonly Present[]): Promise<void> {
    const healing = await heal(this.purge, present, this.#bursts)
    // What the registry put off until later was no burst.
    if (!healing.putOff) this.#bursts++
    this.#stayIsOld = true
    this.#watch.addHealing(healing)
    for (const why of healing.unsure) this.#journal.note(`nothing was deleted again: ${sayBecause(why)}`)
  }

  #tellStandings(): void {
    this.#journal.round(this.purge.plan.repository, this.#standings.all)
  }

  #summary(): string {
    const all = this.#standings.all
    const gone = all.filter(({ verdict }) => verdict === 'gone').length
    const { remaining } = this.#stay
    const sound = remaining.filter(({ verdict }) => verdict === 'intact').length
    return `${gone} of ${count(all.length, 'item')} proven gone in ${count(this.#standings.needed, 'round')} in a row, ${sound} of ${count(remaining.length, 'remaining tag')} intact${this.#whole ? '' : ': NOT PROVEN'}`
  }
}

function unchecked(problem: ProofProblem): RemainingCheck {
  return { remaining: [], warnings: [], problems: [problem] }
}

/** @param dirty rounds in a row that were not clean, up to the last @returns milliseconds */
function pauseBeforeRound(dirty: number): number {
  return dirty === 0 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (dirty - 1))
}
