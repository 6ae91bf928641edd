/**
 * The milliseconds that this process computes for while something runs. Other processes may have the machine
 * meanwhile: what is bounded is the work, not the wait.
 */
export function workTime(use: () => unknown): number {
  const elapsed = startWork()
  use()
  return elapsed()
}

/** @returns a function that tells how many milliseconds this process has computed for since */
export function startWork(): () => number {
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
}
