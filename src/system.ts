import { randomBytes, randomInt } from 'node:crypto'
import type { Clock, Random } from './registry/time.js'

/** Milliseconds. Node fires a longer timer at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * The machine's time at the start of the process, plus the time since then by a monotonic clock. If the machine's clock
 * is set during a run, durations, ages of checks and pauses remain correct.
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

/** Random values from the system. */
export const systemRandom: Random = {
  int: (below) => randomInt(below),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
}
