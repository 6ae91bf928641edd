import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds between two checks of the heap. */
const EVERY = 100
/** Bytes that the heap may grow by, in addition to `GROWTH`. */
const GARBAGE = 8e6
/** Factor by which the used memory may grow. */
const GROWTH = 1.4
/** Bytes for new objects. If there are fewer, most objects of a request live long enough to be moved to the old space. */
const YOUNG = 8e6

/**
 * Keeps the process small. Every request leaves garbage behind. On a machine with free memory, Node collects it late:
 * after thousands of requests, the heap has 250 MiB, and only 20 MiB are in use. So this limits the space for new objects
 * to `YOUNG`, and starts a collection when the heap has grown by `GROWTH` and `GARBAGE`. It takes a few per cent of the
 * run's CPU time. If the collector is not available, the run only needs more memory.
 *
 * @returns a function that stops it
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

/** @returns the size of the space for new objects, in bytes */
function young(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? YOUNG
}
