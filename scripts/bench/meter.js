// Loaded into a Node process with --import: writes its CPU time and peak memory to the file in METER when it exits.
import { readFileSync, writeFileSync } from 'node:fs'

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const used = { cpu: (userCPUTime + systemCPUTime) / 1e6, mib: (peak() ?? maxRSS) / 1024 }
  writeFileSync(process.env['METER'] ?? '/dev/null', JSON.stringify(used))
})

/**
 * The peak memory of this process in KiB, from the kernel. `maxRSS` is not usable: it starts with the value of the parent
 * process, which is the test runner in a test.
 * @returns {number | undefined} undefined if the system is not Linux
 */
function peak() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  } catch {
    return undefined
  }
}
