import type { Tag } from '../oci/tag.js'
import type { Item } from '../plan/item.js'
import type { KeptBecause } from '../plan/outcome.js'
import type { Reconsidered } from '../plan/reconsider.js'
import { CURRENT_FOR, type Clock } from '../registry/time.js'
import type { Extent } from '../survey/check.js'
import type { Facts } from '../survey/facts.js'

/** Repositories with at most this many tags are always re-read whole: it takes hardly longer than the list alone. */
const FEW = 100

/** Milliseconds for which a survey is current, besides the time that it took itself: a new one would be no fresher. */
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

/** What a check reads and how it is judged. */
export interface Checks {
  /**
   * Lists the tags and re-reads them.
   *
   * @param known what was known before
   * @param asked tags to read even if no list names them
   * @throws ListError, WireError, Stopped
   */
  read(known: Facts, which: Extent, asked: readonly Tag[]): Promise<Facts>
  /** Says what these facts mean for the plan as it is now. */
  judge(facts: Facts): Reconsidered
}

/** A check in progress, which others may wait for. */
interface Running {
  readonly which: Extent
  readonly begun: number
  readonly result: Promise<Reconsidered>
}

/**
 * What is known of one repository while it is purged, and how old that is.
 *
 * A DELETE is safe only if a recent check shows that no tag needs the item. DELETEs run in parallel, so the checks are
 * shared: whoever needs one waits for the check in progress if that is good enough, and starts one otherwise.
 */
export class Freshness {
  readonly #checks: Checks
  readonly #clock: Pick<Clock, 'now'>
  #facts: Facts
  #latest: Reconsidered | undefined
  /** When the newest check began that also re-read known tags. All times are milliseconds since the epoch. */
  #knownCheckedAt = -Infinity
  /** When the newest check of any kind began and ended. */
  #newest = { begun: -Infinity, ended: -Infinity }
  /** When something last waited for so long that known tags may have changed. */
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

  /** Whether something has waited since the newest check of known tags, so that every tag must be re-read first. */
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

  /** Notes the end of a pause. It counts only if no check of known tags is current any more. */
  pauseEnded(): void {
    if (this.#clock.now() - this.#knownCheckedAt >= CURRENT_FOR) this.outdate()
  }

  /** From now on `hasWaited` is true, until every tag was re-read. */
  outdate(): void {
    this.#waitedAt = this.#clock.now()
  }

  /**
   * Checks the repository now, whatever is known.
   *
   * @param asked tags to read even if no list names them: a deleted tag that is still served may be on none
   * @throws ListError, WireError, Stopped
   */
  async checkAgain(which: Extent, asked: readonly Tag[] = []): Promise<Reconsidered> {
    const begun = this.#clock.now()
    this.#facts = await this.#checks.read(this.#facts, which, asked)
    const latest = this.#checks.judge(this.#facts)
    this.#latest = latest
    this.#newest = { begun, ended: this.#clock.now() }
    if (which !== 'new') this.#knownCheckedAt = begun
    return latest
  }

  /**
   * Makes sure that every tag was re-read by a check that began after the last pause. Callers that waited together
   * share one check.
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
   * Makes sure that the newest check is at most `age` milliseconds old, so that new tags are known; in a repository with
   * few tags, also tags that moved. Callers in parallel share one check.
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

  /** @returns why the newest check forbids to delete an item, or undefined if it does not */
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
   * The moment that the newest check describes. A check of every tag counts from its end: to read them all once more
   * takes as long, and would be no fresher.
   */
  get #newestMoment(): number {
    return this.#hasFewTags ? this.#newest.ended : this.#newest.begun
  }

  get #hasFewTags(): boolean {
    return this.#facts.listed.length <= FEW
  }
}
