import type { InputReader } from './reader.js'
import type { Settings } from './settings.js'
import { parseDuration, parseInteger } from './text/values.js'

/** How long a run may take, how often it checks, and how much it requests at once. */
export type Limits = Pick<
  Settings,
  'verifyAttempts' | 'verifyInterval' | 'verifyTimeout' | 'concurrency' | 'timeout'
>

/** Reads the inputs `verify-*`, `concurrency` and `timeout`. */
export function readLimits(reader: InputReader): Limits {
  return {
    verifyAttempts: reader.parse('verify-attempts', (text) => parseInteger(text, 1, 100), 0),
    verifyInterval: reader.parse('verify-interval', (text) => parseDuration(text, true), 0),
    verifyTimeout: reader.parse('verify-timeout', (text) => parseDuration(text, false), 0),
    concurrency: reader.parse('concurrency', (text) => parseInteger(text, 1, 64), 1),
    timeout: reader.parse('timeout', (text) => parseDuration(text, false), 1),
  }
}
