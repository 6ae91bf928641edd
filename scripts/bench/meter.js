// Loaded into a Node process that is measured (--import): leaves behind what it used.
import { writeFileSync } from 'node:fs'

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const used = { cpu: (userCPUTime + systemCPUTime) / 1e6, mib: maxRSS / 1024 }
  writeFileSync(process.env['METER'] ?? '/dev/null', JSON.stringify(used))
})
