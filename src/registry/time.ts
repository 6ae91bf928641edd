/** The time. It is a parameter, so that a simulation can control it. */
export interface Clock {
  /** Milliseconds since the epoch. Never less than what an earlier call returned. */
  now(): number
  /** Resolves after `ms` milliseconds, or as soon as the signal is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/**
 * Milliseconds for which a check of the registry counts as current. Before a DELETE or a PUT, purge/ repeats a check that
 * is older. The client then sends the request within the same time, or not at all.
 */
export const CURRENT_FOR = 1_000

/** Random values. They are a parameter, so that a run can be repeated with the same seed. */
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
