import type { Item } from '../plan/item.js'
import type { Round } from './round.js'

/** The least share of stale responses that a replica which was seen to differ is taken to give. */
const LEAST_SHARE = 1 / 8
/** With fewer responses than these a share is no measure. */
const FEW = 8
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
  #all = 0
  #stale = 0
  #rounds = 1
  #least = 1

  /** Clean rounds in a row that a proof needs at the least, by what was known when something stale was last seen. */
  get rounds(): number {
    return Math.max(this.#rounds, this.#least)
  }

  /**
   * Takes in a round. The share is that of all digests: of those alone that were seen stale it would look larger than it
   * is, and the rounds would be too few.
   *
   * @param counts whether it is a sign that an item was still served: not if it was not deleted there before
   */
  take({ answers }: Round, counts: (item: Item['name']) => boolean): void {
    const before = this.#stale
    for (const [item, { all, present }] of answers) {
      this.#all += all
      if (present > 0 && counts(item)) this.#stale += present
    }
    if (this.#stale > before) this.#rounds = Math.max(2, roundsAgainst(this.#stale, Math.max(FEW, this.#all)))
  }

  /** Takes in that what was read a moment before was answered as unknown, and that nothing of this run explains it. */
  differed(): void {
    this.#least = roundsAgainst(1, 2)
  }
}
