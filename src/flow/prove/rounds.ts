import type { Digest } from '../../oci/digest.js'
import type { ControlFlaw, FindingFlaw } from '../../plan/flaw.js'
import type { Item } from '../../plan/item.js'
import type { CheckOptions } from '../../proof/check-options.js'
import { controlsFor } from '../../proof/controls.js'
import type { Replicas } from '../../proof/replicas.js'
import { checkRound, type Round } from '../../proof/round.js'
import { Standings } from '../../proof/standing.js'
import type { RepositoryPurge } from '../../purge/repository-purge.js'
import type { Absence } from '../../registry/absence.js'

/** Milliseconds that one check may take. */
export const LONGEST_CHECK = 30_000
const SHORTEST_CHECK = 1_000

/** How thoroughly to verify. Times in milliseconds. */
export interface Thoroughness {
  readonly attempts: number
  readonly interval: number
  readonly timeout: number
}

/** The data that the proofs of all repositories of a run share. */
export interface Run {
  readonly thoroughness: Thoroughness
  /** Digests that other repositories of the run purge. */
  readonly elsewhere: ReadonlySet<Digest>
  readonly replicas: Replicas
}

/** The rounds of one repository, and their results. */
export class Rounds {
  readonly standings: Standings
  /** The failures of each check that succeeded only after some. */
  readonly lost: (readonly string[])[] = []
  /** Why the controls of the newest round do not confirm its 404s; undefined if they do. */
  controlFlaw: ControlFlaw | undefined
  /** The last failure of a round: why a control did not confirm it, or why a check of an item proved nothing. */
  lastFlaw: ControlFlaw | FindingFlaw | undefined
  /** The response on `/blobs/` for a digest that never existed. */
  never: Absence | undefined
  /** How many rounds there were. */
  number = 0
  readonly #purge: RepositoryPurge
  readonly #run: Run
  /** Controls that did not exist. */
  readonly #absent = new Set<Digest>()

  /** @param items the items to prove gone */
  constructor(purge: RepositoryPurge, items: readonly Item[], run: Run) {
    this.#purge = purge
    this.standings = new Standings(items, run.thoroughness.attempts)
    this.#run = run
  }

  /** Whether there were enough clean rounds in a row, by the signs so far that replicas differ. */
  get proven(): boolean {
    this.standings.need(this.#run.replicas.rounds)
    return this.standings.proven
  }

  /**
   * Makes a round.
   *
   * @param deadline milliseconds since the epoch after which nothing is sent again
   * @param healed whether an item was deleted again before this round
   * @returns the round, and whether it was clean
   * @throws Stopped
   */
  async check(
    items: readonly Item[],
    deadline: number,
    healed: boolean,
  ): Promise<{ readonly round: Round; readonly clean: boolean }> {
    const { plan, facts, tools } = this.#purge
    const number = this.number++
    const options: CheckOptions = {
      repository: plan.repository,
      timeout: Math.min(LONGEST_CHECK, Math.max(SHORTEST_CHECK, deadline - tools.clock.now())),
      until: deadline,
      // A cache may send no headers that show it. Every second round bypasses it with a new query string.
      ...(number % 2 === 1 && { cacheBuster: tools.random.hex(8) }),
    }
    const controls = controlsFor(plan, facts, this.#absent, this.#run.elsewhere)
    const round = await checkRound(tools, options, items, controls(number, this.standings.clean))
    for (const digest of round.controlsAbsent) this.#absent.add(digest)
    this.lost.push(...round.lost)
    this.controlFlaw = round.controlFlaw
    this.lastFlaw = flawOf(round) ?? this.lastFlaw
    this.never = round.never ?? this.never
    this.#run.replicas.add(round, (name) => healed || !this.#onlyAsBlob(name, round))
    this.standings.need(this.#run.replicas.rounds)
    return { round, clean: this.standings.add(round, tools.clock.now()) }
  }

  /**
   * Whether an item is a manifest that is served only as a blob. Before the first burst it was not deleted there, so it is no
   * sign that replicas differ.
   */
  #onlyAsBlob(name: Item['name'], { findings }: Round): boolean {
    const finding = findings.get(name)
    const isManifest = this.#purge.plan.manifests.some(({ digest }) => digest === name)
    return finding?.is === 'present' && finding.endpoint === 'blobs' && isManifest
  }
}

function flawOf({ controlFlaw, findings }: Round): ControlFlaw | FindingFlaw | undefined {
  if (controlFlaw !== undefined) return controlFlaw
  for (const finding of findings.values()) if (finding.is === 'inconclusive') return finding.flaw
  return undefined
}
