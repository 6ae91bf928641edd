import type { Item } from '../plan/item.js'
import type { Round } from './round.js'

/** The lowest share of stale responses to assume for a stale replica. */
const LEAST_SHARE = 1 / 8
/** The lowest number of responses for which a share means anything. */
const FEW = 8
/** The accepted probability that a stale replica escapes all rounds. */
const RISK = 0.001

/**
 * @param stale how many responses still served an item that was gone according to other responses
 * @param all how many responses there were for the same digests
 * @returns the number of rounds in a row that a stale replica escapes with a probability below one in a thousand, if it sends
 *   this share of the responses, or at least one in eight. At most 52
 */
export function roundsAgainst(stale: number, all: number): number {
  const share = Math.max(stale / Math.max(all, 1), LEAST_SHARE)
  return share >= 1 ? 1 : Math.ceil(Math.log(RISK) / Math.log(1 - share))
}

/**
 * Counts signs of replicas that differ. A new connection does not always reach another replica: behind a random balancer
 * one stale replica of three escapes five rounds in one run of seven.
 */
export class Replicas {
  #all = 0
  #stale = 0
  #rounds = 1
  #least = 1

  /** The number of clean rounds in a row that a proof needs, by the stale responses so far. */
  get rounds(): number {
    return Math.max(this.#rounds, this.#least)
  }

  /**
   * Adds a round. Computes the share over all digests. Over the stale digests alone the share would be too large, and the
   * number of rounds too small.
   *
   * @param counts whether a response that serves an item counts as stale. It does not if the item was never deleted there
   */
  add({ responses }: Round, counts: (item: Item['name']) => boolean): void {
    const before = this.#stale
    for (const [item, { all, present }] of responses) {
      this.#all += all
      if (present > 0 && counts(item)) this.#stale += present
    }
    if (this.#stale > before) this.#rounds = Math.max(2, roundsAgainst(this.#stale, Math.max(FEW, this.#all)))
  }

  /** Notes that content that had just been read was unknown a moment later, although no DELETE of this run named it. */
  noteDifference(): void {
    this.#least = roundsAgainst(1, 2)
  }
}
