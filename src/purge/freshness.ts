import type { Tag } from '../oci/tag.js'
import type { Item } from '../plan/item.js'
import type { KeptBecause } from '../plan/outcome.js'
import type { Reconsidered } from '../plan/reconsider.js'
import { CURRENT_FOR, type Clock } from '../registry/time.js'
import type { Extent } from '../survey/check.js'
import type { Facts } from '../survey/facts.js'

/** Repositories with at most this many tags are always re-read in full: that takes hardly longer than the list alone. */
const FEW = 100

/** Milliseconds for which a survey is current, in addition to the time that it took. Until then a new one would not help. */
const SURVEY_CURRENT_FOR = 10_000

/**
 * Returns whether a survey is so old that the check before the first write reads every tag again.
 *
 * @param surveyed when it began and ended, milliseconds since the epoch
 * @param now milliseconds since the epoch
 */
export function isAged({ from, to }: { readonly from: number; readonly to: number }, now: number): boolean {
  return now - to > SURVEY_CURRENT_FOR + (to - from)
}

/** The two parts of a check. */
export interface Checks {
  /**
   * Lists the tags and re-reads them.
   *
   * @param known the facts before this check
   * @param byName tags to read whether or not they are listed
   * @throws ListError, WireError, Stopped
   */
  read(known: Facts, which: Extent, byName: readonly Tag[]): Promise<Facts>
  /** Checks the current plan against these facts. */
  judge(facts: Facts): Reconsidered
}

/** A check in progress, which others may wait for. */
interface Running {
  readonly which: Extent
  readonly begun: number
  readonly result: Promise<Reconsidered>
}

/**
 * The facts about one repository while it is purged, and their age.
 *
 * A DELETE is safe only if a recent check shows that no tag needs the item. DELETEs run in parallel, so they share checks:
 * a DELETE waits for the check in progress if that check is sufficient. Otherwise it starts one.
 */
export class Freshness {
  readonly #checks: Checks
  readonly #clock: Pick<Clock, 'now'>
  #facts: Facts
  #latest: Reconsidered | undefined
  /** When the newest check that also re-read known tags began. All times are milliseconds since the epoch. */
  #knownCheckedAt = -Infinity
  /** When the newest check of any kind began and ended. */
  #newest = { begun: -Infinity, ended: -Infinity }
  /** When a request last waited for so long that known tags may have changed. */
  #waitedAt = -Infinity
  #running: Running | undefined

  constructor(facts: Facts, checks: Checks, clock: Pick<Clock, 'now'>) {
    this.#facts = facts
    this.#checks = checks
    this.#clock = clock
  }

  /** The facts of the newest check, or of the survey if there was none. */
  get facts(): Facts {
    return this.#facts
  }

  /** Whether a request has waited since the newest check of known tags. Then every tag must be re-read before a DELETE. */
  get hasWaited(): boolean {
    return this.#waitedAt > this.#knownCheckedAt
  }

  /**
   * Whether the newest check is too old for a DELETE of the item. For a tag, only a check that re-read known tags counts.
   */
  isStale({ kind }: Item): boolean {
    const checkedAt = kind === 'tag' ? this.#knownCheckedAt : this.#newestMoment
    return this.#clock.now() - checkedAt >= CURRENT_FOR
  }

  /** Notes the end of a pause. It counts only if the newest check of known tags is no longer current. */
  pauseEnded(): void {
    if (this.#clock.now() - this.#knownCheckedAt >= CURRENT_FOR) this.outdate()
  }

  /** Makes `hasWaited` true until known tags are re-read. */
  outdate(): void {
    this.#waitedAt = this.#clock.now()
  }

  /**
   * Checks the repository now, even if the facts are fresh.
   *
   * @param byName tags to read whether or not they are listed: a deleted tag may still be served without being listed
   * @throws ListError, WireError, Stopped
   */
  async checkAgain(which: Extent, byName: readonly Tag[] = []): Promise<Reconsidered> {
    const begun = this.#clock.now()
    this.#facts = await this.#checks.read(this.#facts, which, byName)
    const latest = this.#checks.judge(this.#facts)
    this.#latest = latest
    this.#newest = { begun, ended: this.#clock.now() }
    if (which !== 'new') this.#knownCheckedAt = begun
    return latest
  }

  /**
   * Makes sure that a check that began after the last pause has re-read every tag. Callers that wait at the same time share
   * one check.
   *
   * @throws ListError, WireError, Stopped
   */
  async checkedSincePause(): Promise<Reconsidered> {
    const moment = this.#waitedAt
    for (;;) {
      if (this.#latest !== undefined && this.#knownCheckedAt >= moment) return this.#latest
      if (this.#running === undefined) {
        void this.#start('all').catch(() => undefined)
        continue
      }
      const { which, begun, result } = this.#running
      if (which === 'all' && begun >= moment) return result
      await result.catch(() => undefined)
    }
  }

  /**
   * Makes sure that the newest check is at most `age` milliseconds old, so that new tags are known. In a repository with few
   * tags it also finds tags that moved. Parallel callers share one check.
   *
   * @throws ListError, WireError, Stopped
   */
  async ensureFresh(age = CURRENT_FOR): Promise<void> {
    const oldest = this.#clock.now() - age
    while (this.#newestMoment < oldest) {
      if (this.#running === undefined) await this.#start(this.#hasFewTags ? 'all' : 'new')
      else await this.#running.result.catch(() => undefined)
    }
  }

  /** @returns why the newest check forbids the DELETE of an item, or undefined if it allows it */
  forbids(item: Item): KeptBecause | undefined {
    if (this.#latest === undefined) return undefined
    const { left, moved, unsure } = this.#latest
    if (item.kind === 'tag') {
      const now = moved.find(({ tag }) => tag === item.name)
      return now === undefined ? undefined : { is: 'moved', to: now.digest }
    }
    const by = left.get(item.name)
    if (by !== undefined) return { is: 'needed', by }
    const [doubt] = unsure
    return doubt === undefined ? undefined : { is: 'unsure', doubt }
  }

  /** Starts a check that others may wait for. */
  #start(which: Extent): Promise<Reconsidered> {
    const result = this.checkAgain(which).finally(() => (this.#running = undefined))
    this.#running = { which, begun: this.#clock.now(), result }
    return result
  }

  /**
   * The time of the newest check. In a repository with few tags, where a check reads every tag, it is the end of the check:
   * another check would take as long and be no fresher.
   */
  get #newestMoment(): number {
    return this.#hasFewTags ? this.#newest.ended : this.#newest.begun
  }

  get #hasFewTags(): boolean {
    return this.#facts.listed.length <= FEW
  }
}
