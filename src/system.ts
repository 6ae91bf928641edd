import { randomBytes, randomInt } from 'node:crypto'
import type { Clock, Random } from './registry/time.js'

/** The longest that one timer can wait; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * The machine's time when the process began, and from there on a clock that nobody sets: where the machine's own is set
 * meanwhile, durations, ages of checks and pauses stay what they are.
 */
export const systemClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  sleep: async (ms, signal) => {
    for (let left = ms; left > 0 && signal?.aborted !== true; left -= LONGEST_TIMER) {
      await new Promise<void>((wake) => {
        const done = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          wake()
        }
        const timer = setTimeout(done, Math.min(left, LONGEST_TIMER))
        signal?.addEventListener('abort', done)
      })
    }
  },
}

/** The machine's own chance. */
export const systemRandom: Random = {
  int: (below) => randomInt(below),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
}
