import type { Item } from '../plan/item.js'
import type { Round } from './round.js'

/** The least share of stale responses that a stale replica is taken to give. */
const LEAST_SHARE = 1 / 8
/** With fewer responses than these a share is no measure. */
const FEW = 8
/** How likely a stale replica may escape all rounds. */
const RISK = 0.001

/**
 * @param stale responses that still served something that other responses, or later ones, said was gone
 * @param all responses for the same digests
 * @returns how many rounds in a row a replica with this share of stale responses, or one in eight, escapes with less than
 *   one chance in a thousand: at most 52
 */
export function roundsAgainst(stale: number, all: number): number {
  const share = Math.max(stale / Math.max(all, 1), LEAST_SHARE)
  return share >= 1 ? 1 : Math.ceil(Math.log(RISK) / Math.log(1 - share))
}

/**
 * Counts signs of replicas that differ. A connection of its own does not reach a replica of its own: behind a random
 * balancer one stale replica of three escapes five rounds in one run of seven.
 */
export class Replicas {
  #all = 0
  #stale = 0
  #rounds = 1
  #least = 1

  /** The least number of clean rounds in a row for a proof, as of the newest stale response. */
  get rounds(): number {
    return Math.max(this.#rounds, this.#least)
  }

  /**
   * Adds a round. The share is that of all digests: counted over the stale ones alone it would be too large,
   * and the rounds would be too few.
   *
   * @param counts whether a response that serves an item counts as stale: not if the item was not deleted there before
   */
  add({ responses }: Round, counts: (item: Item['name']) => boolean): void {
    const before = this.#stale
    for (const [item, { all, present }] of responses) {
      this.#all += all
      if (present > 0 && counts(item)) this.#stale += present
    }
    if (this.#stale > before) this.#rounds = Math.max(2, roundsAgainst(this.#stale, Math.max(FEW, this.#all)))
  }

  /** Notes that what was read a moment before was then unknown, and that no DELETE of this run explains it. */
  noteDifference(): void {
    this.#least = roundsAgainst(1, 2)
  }
}
