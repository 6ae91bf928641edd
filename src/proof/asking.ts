import type { Repository } from '../oci/reference.js'
import type { Client, Reading } from '../registry/client.js'
import type { Progress } from '../registry/progress.js'
import type { Purpose } from '../registry/send.js'
import type { Random } from '../registry/time.js'

/** What the requests of one round work with. */
export interface Asking {
  readonly client: Client
  readonly repository: Repository
  readonly random: Random
  readonly width: number
  /** Milliseconds that one request may take. */
  readonly timeout: number
  /** Milliseconds since the epoch after which nothing is sent again. */
  readonly until?: number
  /** A query that no cache knows, sent with every request of the round. */
  readonly cacheBuster?: string
  readonly progress: Progress
}

/** @returns how a request of the proof is sent: on a connection of its own, and again if the response proves nothing */
export function readingFor(
  { timeout, until, cacheBuster }: Asking,
  purpose: Extract<Purpose, 'verify' | 'control' | 'last-check'>,
): Reading {
  return {
    purpose,
    fresh: true,
    look: true,
    timeout,
    ...(until !== undefined && { until }),
    ...(cacheBuster !== undefined && { cacheBuster }),
  }
}
