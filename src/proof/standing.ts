import type { Item } from '../plan/item.js'
import type { Finding, Standing, Verdict } from '../plan/standing.js'
import type { Round } from './round.js'

/** The state of each item in the proof. A proof needs `attempts` clean rounds in a row (safety rule 9). */
export class Standings {
  readonly #least: number
  #needed: number
  readonly #all = new Map<Item['name'], Standing>()
  #clean = 0

  constructor(items: readonly Item[], attempts: number) {
    this.#least = attempts
    this.#needed = attempts
    for (const item of items) this.#all.set(item.name, { item, verdict: 'unchecked', rounds: 0 })
  }

  /** Clean rounds in a row, up to the last. */
  get clean(): number {
    return this.#clean
  }

  /** Clean rounds in a row that the proof needs. */
  get needed(): number {
    return this.#needed
  }

  /** Sets how many rounds the proof needs; never fewer than `attempts`. */
  need(rounds: number): void {
    this.#needed = Math.max(this.#least, rounds)
    for (const [name, standing] of this.#all)
      if (standing.verdict === 'gone' && standing.rounds < this.#needed)
        this.#all.set(name, { ...standing, verdict: 'inconclusive' })
  }

  get proven(): boolean {
    return this.#clean >= this.#needed
  }

  get all(): readonly Standing[] {
    return [...this.#all.values()]
  }

  /** Adds a round. @param now milliseconds since the epoch @returns whether it was clean */
  add({ controlFlaw, findings }: Round, now: number): boolean {
    let clean = controlFlaw === undefined
    for (const [name, finding] of findings) {
      const before = this.#all.get(name)
      if (before === undefined) continue
      const counts = finding.is === 'gone' && controlFlaw === undefined
      if (finding.is !== 'gone') clean = false
      const rounds = counts ? before.rounds + 1 : 0
      // Only every second round bypasses a cache without headers. So after a 200, one 404 does not show that the item is gone.
      const doubtful = before.verdict === 'present' && rounds === 1 && this.#needed > 1
      this.#all.set(name, {
        item: before.item,
        finding: doubtful && before.finding !== undefined ? before.finding : finding,
        rounds,
        verdict: doubtful ? 'present' : this.#judge(finding, rounds),
        ...(counts && { goneSince: before.goneSince ?? now, goneUntil: now }),
      })
    }
    this.#clean = clean ? this.#clean + 1 : 0
    return clean
  }

  /** Sets the verdict of an item to `present`: another check shows that it is served again. */
  revoke(name: Item['name']): void {
    const before = this.#all.get(name)
    if (before !== undefined) this.#all.set(name, { item: before.item, verdict: 'present', rounds: 0 })
    this.#clean = 0
  }

  /** Starts the proof again: a read or a DELETE may have brought back items that were gone. */
  restart(): void {
    this.#clean = 0
    for (const [name, standing] of this.#all) {
      const { item, verdict } = standing
      if (verdict === 'gone' || verdict === 'inconclusive')
        this.#all.set(name, { item, verdict: 'inconclusive', rounds: 0 })
      else this.#all.set(name, { ...standing, rounds: 0 })
    }
  }

  #judge(finding: Finding, rounds: number): Verdict {
    if (finding.is === 'present') return 'present'
    return rounds >= this.#needed ? 'gone' : 'inconclusive'
  }
}
