import type { Item } from '../plan/item.js'
import type { Round } from './round.js'

/** The least share of stale responses that a replica which was seen to differ is taken to give. */
const LEAST_SHARE = 1 / 8
/** With fewer responses than these a share is no measure. */
const FEW = 4
/** How likely a replica that is stale so often may escape all rounds. */
const RISK = 0.001

/**
 * @param stale responses that still served something that other responses, or later ones, said was gone
 * @param all responses for the same digests
 * @returns how many rounds in a row a replica that is stale as often as that, or one time in eight, escapes with less
 *   than one chance in a thousand: 52 at the most
 */
export function roundsAgainst(stale: number, all: number): number {
  const share = Math.max(stale / Math.max(all, 1), LEAST_SHARE)
  return share >= 1 ? 1 : Math.ceil(Math.log(RISK) / Math.log(1 - share))
}

/**
 * What a run saw of replicas that differ. A connection of its own does not reach a replica of its own: behind a random
 * balancer one stale replica of three escapes five rounds in one run of seven.
 */
export class Replicas {
  readonly #answers = new Map<string, { all: number; stale: number }>()
  #stale = 1
  #least = 1

  /** Clean rounds in a row that a proof needs at the least, by what was known when something stale was last seen. */
  get rounds(): number {
    return Math.max(this.#stale, this.#least)
  }

  /**
   * Takes in a round.
   *
   * @param name tells the items of repositories apart
   * @param counts whether it is a sign that an item was still served: not if it was not deleted there before
   */
  take(
    { answers }: Round,
    name: (item: Item['name']) => string,
    counts: (item: Item['name']) => boolean,
  ): void {
    let stale = false
    for (const [item, { all, present }] of answers) {
      const known = this.#answers.get(name(item)) ?? { all: 0, stale: 0 }
      const sign = present > 0 && counts(item)
      this.#answers.set(name(item), { all: known.all + all, stale: known.stale + (sign ? present : 0) })
      stale ||= sign
    }
    if (!stale) return
    const concerned = [...this.#answers.values()].filter((each) => each.stale > 0)
    const sum = (of: 'all' | 'stale'): number => concerned.reduce((total, each) => total + each[of], 0)
    this.#stale = roundsAgainst(sum('stale'), Math.max(FEW, sum('all')))
  }

  /** Takes in that what was read a moment before was answered as unknown, and that nothing of this run explains it. */
  differed(): void {
    this.#least = roundsAgainst(1, 2)
  }
}
