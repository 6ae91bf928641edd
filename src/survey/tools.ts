import type { Client } from '../registry/client.js'
import type { Progress } from '../registry/progress.js'
import type { Clock, Random } from '../registry/time.js'
import type { Capabilities } from './capabilities.js'

/** The tools for reading a registry. Everything that reaches outside the process is passed in here. */
export interface Tools {
  readonly client: Client
  readonly capabilities: Capabilities
  readonly clock: Clock
  readonly random: Random
  /** Requests in parallel. */
  readonly width: number
  readonly progress: Progress
}
