import { quote } from './quoted.js'
import type { Response } from './send.js'

/** Characters of a header that are shown. */
const EXCERPT = 60
/** Names of headers in which caches say what they did, but those that only say what may be cached. */
const STATUS = /cache|^x-served-from$|^server-timing$/
const NO_STATUS =
  /^(?:cache-control|cdn-cache-control|surrogate-control)$|-cache-control$|cache-key|cache-tag|cache-ttl|cacheable/
/** Words that say that the answer was stored: HIT, TCP_MEM_HIT, STALE, UPDATING (nginx serves a stale one meanwhile). */
const STORED = /(?<![a-z])(?:hit|stale|updating)(?![a-z])/i
/** RFC 9211: why a cache asked the origin (`fwd=stale`), and a hit that was none. Neither is an answer from a cache. */
const FORWARDED = /\bfwd(?:-status)?\s*=\s*[\w-]+|\bhit\s*=\s*\?0/gi

/**
 * Tells whether a response comes out of a cache in front of the registry, and so says nothing about the registry now:
 * `Age` above 0 (RFC 9111, 5.1), a cache's status header that says HIT or STALE (`X-Cache`, `X-Cache-Status`,
 * `CF-Cache-Status`, RFC 9211's `Cache-Status` and the like), or a warning that the response is stale. A cache that
 * says nothing cannot be seen.
 *
 * @returns the header that says so, such as `Age: 7`, cut to what a line can bear; undefined for the registry's own
 */
export function cacheOf(response: Response): string | undefined {
  const { headers } = response
  const age = headers.get('age')
  if (age !== undefined && Number.parseInt(age, 10) > 0) return shown(response, 'age', age)
  for (const name of headers.keys()) {
    const value = headers.get(name) ?? ''
    if (name === 'warning' && /^\s*11[0-3]\b/.test(value)) return shown(response, name, value)
    if (!STATUS.test(name) || NO_STATUS.test(name)) continue
    // Squid says in a header of its own that it found something, also where it did not use it.
    if (name === 'x-cache-lookup' && headers.has('x-cache')) continue
    if (name === 'server-timing' && !value.toLowerCase().includes('cache')) continue
    if (name === 'x-cache-hits' ? /[1-9]/.test(value) : STORED.test(value.replace(FORWARDED, '')))
      return shown(response, name, value)
  }
  return undefined
}

/** Secrets are looked for before it is cut, where one may be cut as well. */
function shown(response: Response, name: string, value: string): string {
  const whole = quote(response, value)
  return `${quote(response, name)}: ${whole.length > EXCERPT ? `${whole.slice(0, EXCERPT)}…` : whole}`
}
