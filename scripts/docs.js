// Writes inputs and outputs from action.yml into README.md, and the kinds of problems from src/plan/problem.ts into
// docs/report.md and schemas/report.schema.json. `--check` writes nothing, and fails if a file is not up to date.

import { writeFileSync } from 'node:fs'
import { documents } from './docs/documents.js'

for (const { file, current, wanted } of await documents('.')) {
  if (current === wanted) {
    console.log(`${file} is up to date.`)
  } else if (process.argv.includes('--check')) {
    console.error(`${file} is not up to date: run \`npm run docs\`.`)
    process.exitCode = 1
  } else {
    writeFileSync(file, wanted)
    console.log(`${file} written.`)
  }
}
