import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds between two checks of the heap. */
const EVERY = 100
/** Bytes that the heap may grow by, besides some of what is in use. */
const GARBAGE = 8e6
/** Factor by which the used memory may grow. */
const GROWTH = 1.4
/** Bytes for new objects. With less, most of what a request needs lives long enough to be moved to the old ones. */
const YOUNG = 8e6

/**
 * Keeps the process small. Every exchange leaves garbage behind, and Node would rather take 250 MiB from a machine with
 * free memory than clear it up: for thousands of requests with 20 MiB in use. So the space for new objects stops
 * growing early, and the old ones are collected when they have grown by that factor. This takes a few per cent of the run's
 * own time. If the collector is not available, the run only needs more memory.
 *
 * @returns a function that ends it
 */
export function keepSmall(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('globalThis.gc')
  if (typeof collect !== 'function') return () => {}
  let used = process.memoryUsage().heapUsed
  let collecting = false
  let growing = true
  const check = async (): Promise<void> => {
    if (growing && young() >= YOUNG) {
      growing = false
      setFlagsFromString('--semi-space-growth-factor=1')
    }
    if (collecting || process.memoryUsage().heapUsed < used * GROWTH + GARBAGE) return
    collecting = true
    try {
      await (collect as (how: object) => Promise<void>)({ type: 'major', execution: 'async' })
      used = process.memoryUsage().heapUsed
      collecting = false
    } catch {
      // This collector cannot work asynchronously. `collecting` stays set, so it is not called again.
    }
  }
  void check()
  const timer = setInterval(() => void check(), EVERY)
  timer.unref()
  return () => clearInterval(timer)
}

/** Bytes of the space for new objects. */
function young(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? YOUNG
}
