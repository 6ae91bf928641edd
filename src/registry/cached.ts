import { quote } from './decorators/quoted.js'
import type { Response } from './send.js'

/** Characters of a header that are shown. */
const EXCERPT = 60
/** Names of headers in which caches report where a response is from… */
const STATUS = /cache|^x-served-from$|^server-timing$/
/** …except the names of headers that only control what may be cached. */
const NO_STATUS =
  /^(?:cache-control|cdn-cache-control|surrogate-control)$|-cache-control$|cache-key|cache-tag|cache-ttl|cacheable/
/** A stored response: HIT, TCP_MEM_HIT, STALE, UPDATING (nginx serves a stale response while it updates). */
const STORED = /(?<![a-z])(?:hit|stale|updating)(?![a-z])/i
/** RFC 9211: why a cache forwarded the request (`fwd=stale`), and `hit=?0`. Such a response is not from a cache. */
const FORWARDED = /\bfwd(?:-status)?\s*=\s*[\w-]+|\bhit\s*=\s*\?0/gi

/**
 * Detects a response from a cache in front of the registry. Such a response does not show the present state of the
 * registry. The signs are `Age` above 0 (RFC 9111, 5.1), a status header of a cache with HIT or STALE (`X-Cache`,
 * `X-Cache-Status`, `CF-Cache-Status`, `Cache-Status` of RFC 9211 and others), and a warning that the response is
 * stale. A cache that sends no such header is not detected.
 *
 * @returns the header that shows it, such as `Age: 7`, in a bounded length; undefined if no cache is detected
 */
export function cacheOf(response: Response): string | undefined {
  const { headers } = response
  const age = headers.get('age')
  if (age !== undefined && Number.parseInt(age, 10) > 0) return shown(response, 'age', age)
  for (const name of headers.keys()) {
    const value = headers.get(name) ?? ''
    if (name === 'warning' && /^\s*11[0-3]\b/.test(value)) return shown(response, name, value)
    if (!STATUS.test(name) || NO_STATUS.test(name)) continue
    // In X-Cache-Lookup, Squid reports a stored response even if it did not return it.
    if (name === 'x-cache-lookup' && headers.has('x-cache')) continue
    if (name === 'server-timing' && !value.toLowerCase().includes('cache')) continue
    if (name === 'x-cache-hits' ? /[1-9]/.test(value) : STORED.test(value.replace(FORWARDED, '')))
      return shown(response, name, value)
  }
  return undefined
}

/** Removes secrets before it cuts the value: it would not find half a secret. */
function shown(response: Response, name: string, value: string): string {
  const whole = quote(response, value)
  return `${quote(response, name)}: ${whole.length > EXCERPT ? `${whole.slice(0, EXCERPT)}…` : whole}`
}
