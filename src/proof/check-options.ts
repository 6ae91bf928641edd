import type { Repository } from '../oci/reference.js'
import type { Reading } from '../registry/reading.js'
import type { Purpose } from '../registry/send.js'

/** Where the checks of one round go, and how long they may take. */
export interface CheckOptions {
  readonly repository: Repository
  /** Milliseconds that one request may take. */
  readonly timeout: number
  /** Milliseconds since the epoch after which nothing is sent again. */
  readonly until?: number
  /** A query that no cache knows, sent with every request of the round. */
  readonly cacheBuster?: string
}

/** @returns how a check is sent: on a connection of its own, and again if the response proves nothing */
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
