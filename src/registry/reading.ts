import type { Purpose } from './send.js'

/** The options of a read. */
export interface Reading {
  readonly purpose: Purpose
  /** Use a new connection. */
  readonly fresh?: boolean
  /** This is one of many checks: retry less often than other reads. */
  readonly check?: boolean
  /** Never retry: the caller decides. */
  readonly once?: boolean
  /** Milliseconds since the epoch. After this time, the request is neither retried nor kept waiting. */
  readonly until?: number
  /** The read is part of work that must be completed even if the run is to stop. */
  readonly finish?: boolean
  readonly accept?: string
  /** For a long blob: read its first bytes before closing the connection. If none arrive, the response is `cut`. */
  readonly firstBytes?: boolean
  /** Added to the query. Registries ignore it, and most caches treat the request as a new one. */
  readonly cacheBuster?: string
  /** Milliseconds. */
  readonly timeout?: number
  /** Milliseconds until the headers are complete. */
  readonly headersTimeout?: number
}

/** A check on a new connection, so that another replica may receive it. */
export const FRESH_READ = { purpose: 'look-up', fresh: true } as const satisfies Reading

/** A fresh read that is sent even if the run is to stop. */
export const FINISHING_READ = { ...FRESH_READ, finish: true } as const satisfies Reading

/** How a DELETE is sent. */
export interface Deleting {
  readonly purpose: 'probe' | 'delete-tag' | 'delete-manifest' | 'delete-blob' | 'delete-placeholder'
  /** Use a new connection. */
  readonly fresh?: boolean
  /** Milliseconds. */
  readonly timeout: number
}
