import type { Purpose } from './send.js'

/** What can differ between two reads of the same URL. */
export interface Reading {
  readonly purpose: Purpose
  /** Use a new connection. */
  readonly fresh?: boolean
  /** This is one of many checks: retry if there is no useful response, but not for long. */
  readonly check?: boolean
  /** Never retry: the caller decides. */
  readonly once?: boolean
  /** Milliseconds since the epoch after which the request is neither retried nor kept waiting. */
  readonly until?: number
  /** The read belongs to something that has to be completed even if the run is to stop. */
  readonly finish?: boolean
  readonly accept?: string
  /** For a long blob: require its first bytes before closing the connection. Without them the response is `cut`. */
  readonly firstBytes?: boolean
  /** Added to the query. Registries ignore it, and most caches take the request for a new one. */
  readonly cacheBuster?: string
  /** Milliseconds. */
  readonly timeout?: number
  /** Milliseconds until the headers are there. */
  readonly headersTimeout?: number
}

/** One check, on a new connection, so that another replica may get it. */
export const FRESH_READ = { purpose: 'look-up', fresh: true } as const satisfies Reading

/** A fresh read that is made even if the run is to stop. */
export const FINISHING_READ = { ...FRESH_READ, finish: true } as const satisfies Reading

/** How a DELETE is sent. */
export interface Deleting {
  readonly purpose: 'probe' | 'delete-tag' | 'delete-manifest' | 'delete-blob' | 'delete-placeholder'
  /** Use a new connection. */
  readonly fresh?: boolean
  /** Milliseconds. */
  readonly timeout: number
}
