import { quote } from './decorators/quoted.js'
import type { Response } from './send.js'

/** Characters of a header that are shown. */
const EXCERPT = 60
/** Names of headers in which caches report what they did… */
const STATUS = /cache|^x-served-from$|^server-timing$/
/** …except those that only say what may be cached. */
const NO_STATUS =
  /^(?:cache-control|cdn-cache-control|surrogate-control)$|-cache-control$|cache-key|cache-tag|cache-ttl|cacheable/
/** A stored response: HIT, TCP_MEM_HIT, STALE, UPDATING (nginx serves a stale response while it updates). */
const STORED = /(?<![a-z])(?:hit|stale|updating)(?![a-z])/i
/** RFC 9211: why a cache forwarded the request (`fwd=stale`), and `hit=?0`. Neither comes from a cache. */
const FORWARDED = /\bfwd(?:-status)?\s*=\s*[\w-]+|\bhit\s*=\s*\?0/gi

/**
 * Detects a response that comes out of a cache in front of the registry, and so says nothing about the registry now:
 * `Age` above 0 (RFC 9111, 5.1), a status header of a cache that says HIT or STALE (`X-Cache`, `X-Cache-Status`,
 * `CF-Cache-Status`, `Cache-Status` of RFC 9211 and others), or a warning that the response is stale. A cache that
 * sends no such header is not detected.
 *
 * @returns the header that shows it, such as `Age: 7`, in a bounded length, or undefined
 */
export function cacheOf(response: Response): string | undefined {
  const { headers } = response
  const age = headers.get('age')
  if (age !== undefined && Number.parseInt(age, 10) > 0) return shown(response, 'age', age)
  for (const name of headers.keys()) {
    const value = headers.get(name) ?? ''
    if (name === 'warning' && /^\s*11[0-3]\b/.test(value)) return shown(response, name, value)
    if (!STATUS.test(name) || NO_STATUS.test(name)) continue
    // Squid reports in X-Cache-Lookup what it found, even if it did not use it.
    if (name === 'x-cache-lookup' && headers.has('x-cache')) continue
    if (name === 'server-timing' && !value.toLowerCase().includes('cache')) continue
    if (name === 'x-cache-hits' ? /[1-9]/.test(value) : STORED.test(value.replace(FORWARDED, '')))
      return shown(response, name, value)
  }
  return undefined
}

/** Removes secrets before it cuts the value: a cut secret would not be found. */
function shown(response: Response, name: string, value: string): string {
  const whole = quote(response, value)
  return `${quote(response, name)}: ${whole.length > EXCERPT ? `${whole.slice(0, EXCERPT)}…` : whole}`
}
