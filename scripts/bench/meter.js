// Loaded into a Node process that is measured (--import): leaves behind what it used.
import { readFileSync, writeFileSync } from 'node:fs'

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const used = { cpu: (userCPUTime + systemCPUTime) / 1e6, mib: (peak() ?? maxRSS) / 1024 }
  writeFileSync(process.env['METER'] ?? '/dev/null', JSON.stringify(used))
})

/**
 * The peak of this process in KiB, by the kernel's book. Its other figure, `maxRSS`, begins with that of the process
 * that started this one: in a test it would measure the test runner.
 * @returns {number | undefined} nothing where the system is not Linux
 */
function peak() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  } catch {
    return undefined
  }
}
