import type { Repository } from '../oci/reference.js'
import type { Reading } from '../registry/reading.js'
import type { Purpose } from '../registry/send.js'

/** The repository and the time limits of the checks of one round. */
export interface CheckOptions {
  readonly repository: Repository
  /** Milliseconds that one request may take. */
  readonly timeout: number
  /** Milliseconds since the epoch after which nothing is sent again. */
  readonly until?: number
  /** A query string that no cache has seen, sent with every request of the round. */
  readonly cacheBuster?: string
}

/** @returns options for the request of a check: it uses its own connection, and is retried if the response proves nothing */
export function readingFor(
  { timeout, until, cacheBuster }: CheckOptions,
  purpose: Extract<Purpose, 'verify' | 'control' | 'last-check'>,
): Reading {
  return {
    purpose,
    fresh: true,
    check: true,
    timeout,
    ...(until !== undefined && { until }),
    ...(cacheBuster !== undefined && { cacheBuster }),
  }
}
