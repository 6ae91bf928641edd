/** The time. Passed in, so that a simulation can control it. */
export interface Clock {
  /** Milliseconds since the epoch. Never less than what an earlier call returned. */
  now(): number
  /** Resolves after `ms` milliseconds, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/**
 * Milliseconds for which a check of the registry counts as current. Before a DELETE or a PUT, purge/ checks again if its
 * newest check is older; the client then sends within the same time, or not at all.
 */
export const CURRENT_FOR = 1_000

/** Chance as the engine sees it: passed in, so that one seed repeats a run. */
export interface Random {
  /** @returns a whole number from 0 to `below` - 1 */
  int(below: number): number
  /** @returns this many random bytes in lower-case hex */
  hex(bytes: number): string
}

/** @returns a new array with the same entries in random order */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const all = [...list]
  for (let at = all.length - 1; at > 0; at--) {
    const other = random.int(at + 1)
    ;[all[at], all[other]] = [all[other] as T, all[at] as T]
  }
  return all
}
