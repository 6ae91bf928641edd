// Puts mutants into copies of the project, one at a time, and runs the one test that must catch each.

import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parse, rangesOf, replace } from './anchor.js'

/** @typedef {import('../mutants/all.js').Mutant} Mutant */

const PARTS = [
  'src',
  '__tests__',
  'scripts',
  'schemas',
  'testbed',
  'package.json',
  'tsconfig.json',
  'jest.config.js',
  'action.yml',
]
const AT_ONCE = 2

/**
 * Tries each mutant. Their anchors must have been checked.
 * @param {Mutant[]} mutants
 * @param {string} root the project's folder
 * @param {(mutant: Mutant, missed: string | undefined) => void} report called for each mutant. `missed` is why it was not caught, or undefined
 */
export async function tryAll(mutants, root, report) {
  const queue = mutants.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, number) => {
      const folder = copy(root, number)
      for (const mutant of queue) report(mutant, await tryOne(mutant, root, folder))
      rmSync(folder, { recursive: true, force: true })
    }),
  )
}

/**
 * Copies the source to a folder in the project, where it finds the same node_modules. The path is the same in each run, so
 * that jest's cache stays valid.
 * @param {string} root
 * @param {number} number
 */
function copy(root, number) {
  const folder = path.join(root, '.tools', 'mutants', String(number))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const part of PARTS) cpSync(path.join(root, part), path.join(folder, part), { recursive: true })
  return folder
}

/**
 * @param {Mutant} mutant
 * @param {string} root
 * @param {string} folder the copy
 * @returns {Promise<string | undefined>} why the mutant was not caught
 */
async function tryOne(mutant, root, folder) {
  const file = path.join(folder, mutant.file)
  const source = readFileSync(file, 'utf8')
  const [range] = rangesOf(parse(source), mutant)
  if (range === undefined) return 'its anchor matches nowhere'
  writeFileSync(file, replace(source, range, mutant.to))
  try {
    const seen = await runTest(mutant, root, folder)
    if (seen === undefined) return 'jest left no result'
    // A suite that cannot be loaded has caught nothing.
    if (seen.numRuntimeErrorTestSuites > 0) return 'the test could not be loaded'
    if (seen.numFailedTests > 0) return undefined
    return seen.numPassedTests === 0 ? 'no test has that name' : 'its test stays green'
  } finally {
    writeFileSync(file, source)
  }
}

/**
 * Runs the mutant's test in a copy.
 * @param {Mutant} mutant
 * @param {string} root
 * @param {string} folder
 * @returns {Promise<{ numRuntimeErrorTestSuites: number, numFailedTests: number, numPassedTests: number } | undefined>}
 */
function runTest({ test: [file, name] }, root, folder) {
  const report = path.join(folder, 'jest.json')
  rmSync(report, { force: true })
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js')
  const args = ['--experimental-vm-modules', jest, '--rootDir', folder, '--json', `--outputFile=${report}`]
  args.push('--runInBand', '--watchman=false', '--testTimeout=60000')
  args.push(`${file}$`, ...(name === undefined ? [] : ['-t', name]))
  // Loading jest and the compiler takes most of the time of a short test.
  const env = { ...process.env, NODE_COMPILE_CACHE: path.join(root, '.tools', 'mutants', 'compiled') }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore', env })
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
