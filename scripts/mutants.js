// Puts small deliberate defects into copies of the source, one at a time, and runs the one test that must catch each.
// A defect that its test does not notice is a rule that nothing guards: then this fails.

import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { projectFolder } from './lib/project.js'
import { mutants } from './mutants/list.js'

const PARTS = [
  'src',
  '__tests__',
  'scripts',
  'schemas',
  'package.json',
  'tsconfig.json',
  'jest.config.js',
  'action.yml',
]
const AT_ONCE = 2

const wanted = process.argv.slice(2)
const chosen = mutants.filter(
  ({ rule, what }) => wanted.length === 0 || wanted.some((each) => `${rule} ${what}`.includes(each)),
)

/** A copy below the project, so that it finds the same node_modules. */
function copy(number) {
  const folder = path.join(projectFolder, '.tools', 'mutants', String(number))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const part of PARTS)
    cpSync(path.join(projectFolder, part), path.join(folder, part), { recursive: true })
  return folder
}

/** Runs one test in a copy. */
function runTest(folder, { test: [file, name] }) {
  const report = path.join(folder, 'jest.json')
  rmSync(report, { force: true })
  const jest = path.join(projectFolder, 'node_modules', 'jest', 'bin', 'jest.js')
  const args = ['--experimental-vm-modules', jest, '--rootDir', folder, '--json', `--outputFile=${report}`]
  args.push('--testTimeout=60000', `${file}$`, ...(name === undefined ? [] : ['-t', name]))
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' })
    child.on('error', () => resolve(undefined))
    child.on('close', () => {
      try {
        resolve(JSON.parse(readFileSync(report, 'utf8')))
      } catch {
        resolve(undefined)
      }
    })
  })
}

/** @returns whether the test caught the defect, and what is to be said of it */
async function tryMutant(folder, mutant) {
  const file = path.join(folder, mutant.file)
  const source = readFileSync(file, 'utf8')
  const parts = source.split(mutant.from)
  if (parts.length !== 2)
    return { caught: false, note: `its place stands ${parts.length - 1} times in ${mutant.file}` }
  writeFileSync(file, parts.join(mutant.to))
  try {
    const seen = await runTest(folder, mutant)
    if (seen === undefined) return { caught: false, note: 'jest left no result' }
    // A suite that does not even load has caught nothing.
    if (seen.numRuntimeErrorTestSuites > 0) return { caught: false, note: 'the test could not be loaded' }
    if (seen.numFailedTests === 0)
      return {
        caught: false,
        note: seen.numPassedTests === 0 ? 'no test has that name' : 'its test stays green',
      }
    return { caught: true, note: '' }
  } finally {
    writeFileSync(file, source)
  }
}

let caught = 0
let survived = 0
let next = 0
async function work(number) {
  const folder = copy(number)
  while (next < chosen.length) {
    const mutant = chosen[next++]
    const outcome = await tryMutant(folder, mutant)
    if (outcome.caught) caught++
    else survived++
    const by = `${mutant.test[0]}${mutant.test[1] === undefined ? '' : `: ${mutant.test[1]}`}`
    console.log(
      `${outcome.caught ? '✓' : '✗'} ${mutant.rule}: ${mutant.what} — ${outcome.caught ? `caught by ${by}` : `${outcome.note} (${by})`}`,
    )
  }
  rmSync(folder, { recursive: true, force: true })
}

await Promise.all(Array.from({ length: AT_ONCE }, (_, number) => work(number)))
console.log(`${caught} caught, ${survived} survived`)
process.exitCode = survived > 0 || caught === 0 ? 1 : 0
