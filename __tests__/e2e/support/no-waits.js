// Loaded into the action before anything else. While the action does nothing but wait, its clock goes on at once to the
// end of the wait. While a request, a lookup or a process is under way, time passes as it does outside.

/** What keeps a process alive that only waits. */
const QUIET = new Set(['Timeout', 'PipeWrap', 'TTYWrap'])
/** Milliseconds between two checks, and the checks in a row that must find it waiting. */
const BETWEEN = 2
const CHECKS = 3

const begin = globalThis.setTimeout
const end = globalThis.clearTimeout
const elapsed = performance.now.bind(performance)
let skipped = 0
const now = () => elapsed() + skipped
Object.defineProperty(performance, 'now', { value: now })

/** @type {Map<NodeJS.Timeout, { due: number, then: () => void }>} */
const waits = new Map()

/**
 * @param {(...given: unknown[]) => void} then
 * @param {number} [ms]
 * @param {unknown[]} given
 */
function wait(then, ms = 0, ...given) {
  const run = () => {
    waits.delete(timer)
    then(...given)
  }
  const timer = begin(run, ms)
  waits.set(timer, { due: now() + ms, then: run })
  return timer
}

/** @param {NodeJS.Timeout} timer */
function stop(timer) {
  waits.delete(timer)
  end(timer)
}

Object.assign(globalThis, { setTimeout: wait, clearTimeout: stop })

let quiet = 0
setInterval(() => {
  quiet = process.getActiveResourcesInfo().every((resource) => QUIET.has(resource)) ? quiet + 1 : 0
  if (quiet < CHECKS) return
  quiet = 0
  const [next] = [...waits].filter(([timer]) => timer.hasRef()).sort(([, a], [, b]) => a.due - b.due)
  if (next === undefined) return
  const [timer, { due, then }] = next
  skipped += Math.max(0, due - now())
  end(timer)
  then()
}, BETWEEN).unref()
