import type { Digest } from '../oci/digest.js'
import { essence, kindOf } from '../oci/mediatype.js'
import type { Tag } from '../oci/tag.js'
import type { Item } from '../plan/item.js'
import { controlsFor } from '../proof/controls.js'
import { intact, type Intact } from '../proof/intact.js'
import { askByRange, askAsManifests, type Answered } from '../proof/last.js'
import type { Replicas } from '../proof/replicas.js'
import { askRound, type Round } from '../proof/round.js'
import { Standings } from '../proof/standing.js'
import type { Standing } from '../plan/standing.js'
import { BURSTS, deleteOnceMore, heal, type Present } from '../purge/heal.js'
import type { Execution } from '../purge/execution.js'
import type { Work } from '../purge/work.js'
import type { Absence } from '../registry/absence.js'
import { WireError } from '../registry/errors.js'
import type { Clock, Random } from '../registry/time.js'
import type { Narrator } from '../report/narrate.js'
import type { Record } from '../report/record.js'
import { count } from '../report/text.js'
import { ListError } from '../survey/tags.js'
import { lostChecks, neverThere, tellRound, unproven } from './proof-sentences.js'
import { Watch } from './watch.js'

/** How thoroughly to verify. Times in milliseconds. */
export interface Thoroughness {
  readonly attempts: number
  readonly interval: number
  readonly timeout: number
}

/** What the verification of one repository came to. */
export interface Verified {
  /** Everything that was to go is proven gone, and everything that was to stay is whole. */
  readonly proven: boolean
  /** Planned to go, but tags came to need it. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** What verification tells, and to whom. */
export interface Telling {
  readonly clock: Clock
  readonly random: Random
  readonly narrator: Narrator
  readonly record: Record
}

const LONGEST_LOOK = 30_000
const SHORTEST_LOOK = 1_000
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 5_000

/**
 * The proof of one repository on its way. The order matters, since some registries bring a digest back when it is read
 * in another place: first what stays is read, then rounds of requests prove what is gone, and at the very end each
 * purged blob is asked for in the two ways that could bring it back. Nothing is read after that.
 */
export class Verification {
  readonly #work: Work
  readonly #execution: Execution
  readonly #thoroughness: Thoroughness
  readonly #telling: Telling
  readonly #replicas: Replicas
  readonly #elsewhere: ReadonlySet<Digest>
  readonly #watch: Watch
  readonly #standings: Standings
  readonly #absent = new Set<Digest>()
  readonly #lost: (readonly string[])[] = []
  readonly #answered: string[] = []
  /** Why the controls of the newest round did not vouch for its 404s. */
  #controlFailed: string | undefined
  #never: Absence | undefined
  #stay: Intact = { remaining: [], problems: ['what was to stay was not read'], warnings: [] }
  /** A burst of DELETEs came after what stays was read. */
  #stayIsOld = true
  #number = 0
  #bursts = 0
  /** Milliseconds of `verify-timeout` that are left. */
  #left: number

  /**
   * @param elsewhere what other repositories of the run purge
   * @param replicas what the run saw of replicas that differ
   */
  constructor(
    work: Work,
    execution: Execution,
    thoroughness: Thoroughness,
    telling: Telling,
    { elsewhere, replicas }: { readonly elsewhere: ReadonlySet<Digest>; readonly replicas: Replicas },
  ) {
    this.#work = work
    this.#execution = execution
    this.#thoroughness = thoroughness
    this.#telling = telling
    this.#elsewhere = elsewhere
    this.#replicas = replicas
    this.#watch = new Watch(work, execution)
    this.#standings = new Standings(this.#watch.all, thoroughness.attempts)
    this.#left = thoroughness.timeout
  }

  get work(): Work {
    return this.#work
  }

  get standings(): readonly Standing[] {
    return this.#standings.all
  }

  get remaining(): Intact['remaining'] {
    return this.#stay.remaining
  }

  /** Enough clean rounds in a row, by what the run knows of the registry's replicas by now. */
  get proven(): boolean {
    this.#standings.need(this.#replicas.rounds)
    return this.#standings.proven
  }

  /** The proof is not complete, and there is time left for it. */
  get open(): boolean {
    return this.#watch.items.length > 0 && this.#left > 0 && !this.proven
  }

  /** Reads everything that was to stay, to its last blob, and sees whether a tag brought back what was gone. @throws Stopped */
  async readWhatStays(): Promise<void> {
    const { plan, tools } = this.#work
    this.#stay = await endLook(async () => {
      const seen = await this.#work.lookAgain('end')
      for (const name of this.#watch.takeNeeded(seen)) this.#standings.revoke(name)
      return intact(tools.client, plan, this.#work.facts, this.#work, tools)
    })
    this.#stayIsOld = false
  }

  /** What was proven may be undone by what another repository read or deleted. */
  restart(): void {
    this.#standings.restart()
    this.#telling.record.standings(this.#work.plan.repository, this.#standings.all)
  }

  /**
   * Asks in rounds until enough of them are clean in a row, deletes again what is still served, and gives up when the
   * time is up.
   *
   * @returns whether anything was read or deleted again that may bring back what another repository purged
   * @throws Stopped
   */
  async prove(): Promise<boolean> {
    const { clock, narrator, record } = this.#telling
    const { plan, tools } = this.#work
    const { client } = tools
    const { repository } = plan
    const deadline = clock.now() + this.#left
    let disturbed = false
    let dirty = 0
    client.throwIfStopped()
    narrator.begin(repository, 'Verify')
    while (this.#watch.items.length > 0) {
      client.throwIfStopped()
      const round = await this.#ask(deadline)
      const clean = this.#standings.take(round, clock.now())
      record.standings(repository, this.#standings.all)
      narrator.note(
        `round ${this.#number}: ${tellRound(round)}; ${this.#standings.clean} of ${this.#standings.needed} clean in a row`,
      )
      if (clean && this.#stayIsOld) {
        await this.readWhatStays()
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
      const pause = clean
        ? this.#thoroughness.interval
        : Math.max(this.#thoroughness.interval, Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (dirty - 1)))
      await clock.sleep(Math.min(pause, Math.max(0, deadline - clock.now())), client.stop)
    }
    this.#left = Math.max(0, deadline - clock.now())
    if (this.#stayIsOld) {
      await this.readWhatStays()
      disturbed = true
    }
    record.standings(repository, this.#standings.all)
    narrator.end(repository, 'Verify', this.#summary())
    return disturbed
  }

  /** Asks once on `/manifests/` for purged blobs that may be served there too. Only a proven repository. @throws Stopped */
  async askAsManifests(): Promise<void> {
    const found = await askAsManifests(
      this.#asking(),
      this.#blobs((digest) => this.#mayBeManifest(digest)),
    )
    this.#takeAnswered(
      found,
      (name, how) =>
        `${name} is gone as a blob, but the registry serves it as a manifest (${how}). Name it in \`image\` and run again`,
    )
  }

  /**
   * The very last question: asks once for the first byte of each purged blob. A store that shares blobs between
   * repositories answers it, and serves the blob from then on.
   *
   * @returns the blobs that answered; they are to be deleted once more when nothing is read any more
   * @throws Stopped
   */
  async askByRange(): Promise<readonly Digest[]> {
    const blobs = this.#blobs(() => true)
    const found = await askByRange(this.#asking(), blobs, this.#never)
    this.#takeAnswered(found, (name, how, unclear) =>
      unclear
        ? `${name}: the final check by a ranged GET failed (${how}), so it is not proven gone. Run again with the lines of the step Plan`
        : `${name} answered a ranged GET (${how}) after it had answered 404: another repository of this registry holds it, or somebody pushed it again. It is deleted once more unless a tag needs it by now. Purge it in that repository in the same run`,
    )
    return found.flatMap(({ digest, unclear }) => (unclear ? [] : [digest]))
  }

  /** Deletes once more what the last question brought back. Nothing is read afterwards. @throws Stopped */
  async deleteOnceMore(digests: readonly Digest[]): Promise<void> {
    if (digests.length === 0) return
    for (const problem of await deleteOnceMore(this.#work, digests)) this.#answered.push(problem)
  }

  /** @returns what the verification came to; to be called when everything has been asked */
  conclude(): Verified {
    const { plan } = this.#work
    // Another repository may have shown since that more rounds are needed.
    this.#telling.record.standings(plan.repository, this.#standings.all)
    const proven =
      this.proven && this.#watch.complete && this.#stay.problems.length === 0 && this.#answered.length === 0
    const told = [...this.#answered, ...(this.proven ? [] : this.#watch.onPlaceholders(this.#work.facts))]
    const problems = [
      ...this.#watch.problems,
      ...told,
      ...(this.proven ? [] : unproven(this.#standings, this.#work, told, this.#controlFailed)),
      ...this.#stay.problems,
    ]
    if (proven) this.#work.settleLabels()
    // How a DELETE was answered does not matter once the proof is complete, least of all that of a tag that is gone.
    const said = proven
      ? this.#execution.problems.filter(
          (each) => !plan.tags.some(({ tag }) => each.includes(`${plan.repository}:${tag} `)),
        )
      : this.#execution.problems
    return {
      proven,
      left: this.#watch.left,
      problems: proven ? [] : [...problems, ...said],
      warnings: [
        ...(proven ? [...said, ...neverThere(this.#work)] : []),
        ...lostChecks(this.#lost),
        ...this.#stay.warnings,
      ],
    }
  }

  async #ask(deadline: number): Promise<Round> {
    const { clock, random } = this.#telling
    const left = deadline - clock.now()
    const number = this.#number++
    const asking = {
      ...this.#asking(),
      timeout: Math.min(LONGEST_LOOK, Math.max(SHORTEST_LOOK, left)),
      until: deadline,
      // A cache that says nothing of itself is passed by every second round.
      ...(number % 2 === 1 && { cacheBuster: random.hex(8) }),
    }
    const controls = controlsFor(this.#work.plan, this.#work.facts, this.#absent, this.#elsewhere)
    const round = await askRound(asking, this.#watch.items, controls(number, this.#standings.clean))
    for (const digest of round.controlsAbsent) this.#absent.add(digest)
    for (const each of round.lost) this.#lost.push(each)
    this.#controlFailed = round.controlFailed
    this.#never = round.never ?? this.#never
    this.#replicas.take(round, (item) => !this.#firstAsBlob(item, round))
    this.#standings.need(this.#replicas.rounds)
    return round
  }

  /** A manifest that is served as a blob was not deleted there yet: that is no sign of replicas that differ. */
  #firstAsBlob(item: Item['name'], { findings }: Round): boolean {
    const finding = findings.get(item)
    const manifest = this.#work.plan.manifests.some(({ digest }) => digest === item)
    return finding?.is === 'present' && finding.endpoint === 'blobs' && manifest && this.#bursts === 0
  }

  #asking() {
    const { client, width, progress } = this.#work.tools
    const { random } = this.#telling
    return { client, repository: this.#work.plan.repository, random, width, timeout: LONGEST_LOOK, progress }
  }

  async #heal(present: readonly Present[]): Promise<void> {
    const healing = await heal(this.#work, present, this.#bursts)
    // What the registry put off until later was no burst.
    if (!healing.putOff) this.#bursts++
    this.#stayIsOld = true
    this.#watch.take(healing, this.#telling.narrator)
  }

  #blobs(which: (digest: Digest) => boolean): Digest[] {
    return this.#watch.items.flatMap(({ kind, name }) => (kind === 'blob' && which(name) ? [name] : []))
  }

  #mayBeManifest(digest: Digest): boolean {
    const planned = this.#work.plan.blobs.find((blob) => blob.digest === digest)
    return planned === undefined || kindOf(essence(planned.mediaType)) !== 'blob'
  }

  #takeAnswered(
    found: readonly Answered[],
    say: (name: string, how: string, unclear: boolean) => string,
  ): void {
    const { record, narrator } = this.#telling
    const { repository } = this.#work.plan
    for (const { digest, how, unclear } of found) {
      if (!unclear) this.#standings.revoke(digest)
      const sentence = say(`${repository}@${digest}`, how, unclear)
      this.#answered.push(sentence)
      narrator.note(sentence)
    }
    if (found.length > 0) record.standings(repository, this.#standings.all)
  }

  #summary(): string {
    const all = this.#standings.all
    const gone = all.filter(({ verdict }) => verdict === 'gone').length
    const { remaining, problems } = this.#stay
    const sound = remaining.filter(({ verdict }) => verdict === 'intact').length
    const proven = this.proven && this.#watch.complete && problems.length === 0
    return `${gone} of ${count(all.length, 'item')} proven gone in ${count(this.#standings.needed, 'round')} in a row, ${sound} of ${count(remaining.length, 'remaining tag')} intact${proven ? '' : ': NOT PROVEN'}`
  }
}

/** A look that fails is no proof. @throws Stopped */
async function endLook(look: () => Promise<Intact>): Promise<Intact> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof WireError || error instanceof ListError)) throw error
    return {
      remaining: [],
      warnings: [],
      problems: [`what was to stay could not be looked at: ${error.message}`],
    }
  }
}
