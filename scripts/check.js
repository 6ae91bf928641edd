// Runs all checks of CI, step by step, and prints one line for each step at the end. If a step fails, the later steps
// still run, so that one run shows all failures.
//
// `--ci` is for a machine that has everything: a missing registry or a skipped test is then a failure, and the demo runs as
// well.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const ci = process.argv.includes('--ci')
const scratch = mkdtempSync(path.join(tmpdir(), 'registry-purge-check-'))
const jestReport = path.join(scratch, 'jest.json')

/**
 * @typedef {{ ok: boolean, how: string, stdout: string }} Ended
 * @typedef {{ passed: number, failed: number, note: string }} Found
 */

/**
 * Runs a command without input. Prints its output at once, and also returns its stdout.
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<Ended>}
 */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      process.stdout.write(text)
    })
    // A child process that still runs may keep the pipe open for ever.
    child.on('exit', () => setTimeout(() => child.stdout.destroy(), 2000).unref())
    child.on('error', (error) => resolve({ ok: false, how: error.message, stdout }))
    child.on('close', (code, signal) => resolve({ ok: code === 0, how: signal ?? `exit ${code}`, stdout }))
  })
}
/**
 * @param {string} name
 * @param {string[]} args
 */
const script = (name, ...args) => run('npm', ['run', '--silent', name, '--', ...args])

/**
 * The result of a step that passes or fails as a whole. It adds to the counts only if it fails.
 * @param {Pick<Ended, 'ok' | 'how'>} ended
 * @returns {Found}
 */
const plain = ({ ok, how }) => ({ passed: 0, failed: ok ? 0 : 1, note: ok ? '' : how })

async function build() {
  const built = await script('build')
  if (!built.ok) return plain(built)
  // `git diff` would not show a new file.
  const status = await run('git', ['status', '--porcelain', '--', 'dist'])
  const ok = status.ok && status.stdout.trim() === ''
  return plain({ ok, how: status.ok ? 'dist/ is not committed as the source builds it' : status.how })
}

async function tests() {
  const jest = await run('npm', ['test', '--', '--json', `--outputFile=${jestReport}`])
  let seen
  try {
    seen = JSON.parse(readFileSync(jestReport, 'utf8'))
  } catch {
    return { passed: 0, failed: 1, note: `${jest.how}, and jest left no result` }
  }
  const skipped = seen.numPendingTests + seen.numTodoTests
  const broken = seen.numFailedTests + seen.numRuntimeErrorTestSuites + (ci ? skipped : 0)
  // A run that was interrupted or ran no tests has failed, even if no test has.
  const ended = jest.ok && seen.success && !seen.wasInterrupted && seen.numPassedTests > 0
  const notes = [ended ? [] : jest.how, skipped > 0 ? `${skipped} skipped` : []].flat()
  return { passed: seen.numPassedTests, failed: ended ? broken : Math.max(broken, 1), note: notes.join(', ') }
}

async function mutants() {
  const { ok, how, stdout } = await script('mutants')
  const [, caught = '0', survived = '0'] = /(\d+) caught, (\d+) survived/.exec(stdout) ?? []
  const bad = ok && Number(caught) > 0 ? 0 : Math.max(Number(survived), 1)
  return { passed: Number(caught), failed: bad, note: bad === 0 ? '' : how }
}

/** @typedef {[name: string, step: () => Promise<Found>]} Step */

/** @type {Step} */
const registries = [
  'registries',
  async () => plain(await run('node', ['scripts/registries.js', '--require'])),
]
/** @type {Step} */
const demo = ['demo', async () => plain(await script('demo'))]
/** @type {Step[]} */
const steps = [
  ['format', async () => plain(await script('format:check'))],
  ['lint', async () => plain(await script('lint'))],
  ['typecheck', async () => plain(await script('typecheck'))],
  ['build, and dist/ is current', build],
  ['docs', async () => plain(await script('docs', '--check'))],
  ...(ci ? [registries] : []),
  ['tests', tests],
  ['mutants', mutants],
  ...(ci ? [demo] : []),
]

const lines = []
let passed = 0
let failed = 0
for (const [name, step] of steps) {
  console.log(`\n== ${name}`)
  const started = Date.now()
  const found = await step()
  passed += found.passed
  failed += found.failed
  const counts = found.passed > 0 ? `, ${found.passed} passed, ${found.failed} failed` : ''
  const note = found.note === '' ? '' : ` (${found.note})`
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  lines.push(`${found.failed === 0 ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s${counts}${note}`)
  console.log(lines.at(-1))
}
rmSync(scratch, { recursive: true, force: true })

console.log(`\n${lines.join('\n')}\n\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
