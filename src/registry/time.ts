/** Time as the engine sees it: passed in, so that a simulation can drive it. */
export interface Clock {
  /** Milliseconds since the epoch, by a clock that is never set: a later call never gives less than an earlier one. */
  now(): number
  /** Resolves after `ms` milliseconds, or at once when the signal is or becomes aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Chance as the engine sees it: passed in, so that one seed repeats a run. */
export interface Random {
  /** A whole number from 0 up to, but not including, `below`. */
  int(below: number): number
  /** This many random bytes as lower-case hex. */
  hex(bytes: number): string
}

/** @returns a new array with the same entries in random order. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const all = [...list]
  for (let at = all.length - 1; at > 0; at--) {
    const other = random.int(at + 1)
    ;[all[at], all[other]] = [all[other] as T, all[at] as T]
  }
  return all
}
