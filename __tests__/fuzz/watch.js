// Loaded into the action before anything else: writes down at the end what it connected to, and how much memory it took.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'

/** @type {Set<string>} */
const places = new Set()
const connect = Socket.prototype.connect
/**
 * @this {Socket}
 * @param {unknown[]} given
 */
function watchedConnect(...given) {
  // Node's own callers pass options and callback as one list.
  /** @type {(string | number | { path?: string, host?: string, port?: number })[]} */
  const [options] = Array.isArray(given[0]) ? given[0] : given
  places.add(
    typeof options === 'object'
      ? `${options.path ?? `${options.host}:${options.port}`}`
      : `${given[1]}:${options}`,
  )
  return Reflect.apply(connect, this, given)
}
Socket.prototype.connect = watchedConnect

process.on('exit', () => {
  const file = process.env['FUZZ_WATCH']
  if (file === undefined) return
  // The peak of this program, and not of the one that started it, which `resourceUsage` may tell. Only Linux has it.
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : ''
  const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0)
  writeFileSync(file, JSON.stringify({ places: [...places], peak }))
})
