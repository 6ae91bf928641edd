import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const jestResult = (changes: object = {}) => ({
  success: true,
  wasInterrupted: false,
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  ...changes,
})

describe('npm run check', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'registry-purge-checked-'))
    mkdirSync(join(folder, 'scripts'))
    writeFileSync(join(folder, 'scripts', 'registries.js'), '')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  type World = { jest?: object | null; fails?: string[]; dist?: string; mutants?: string; args?: string[] }

  /** Runs the script among stand-ins for npm and git, which do as the test says. */
  function check({ jest = jestResult(), fails = [], dist = '', mutants, args = [] }: World) {
    const program = (name: string, body: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
    const result = jest === null ? ':' : `printf '%s' '${JSON.stringify(jest)}' > "\${4#--outputFile=}"`
    program(
      'npm',
      `[ "$1" = run ] && step=$3 || step=$1
echo "$step" >> steps
case $step in
  test) ${result} ;;
  mutants) echo '${mutants ?? '3 caught, 0 survived'}' ;;
esac
case " ${fails.join(' ')} " in *" $step "*) exit 1 ;; esac`,
    )
    program('git', `printf '%s' '${dist}'`)
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(process.cwd(), 'scripts', 'check.js'), ...args],
      {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` },
      },
    )
    return { green: status === 0, verdict: stdout.trim().split('\n').at(-1), stdout }
  }

  test('is green when all holds, and counts tests and mutants', () => {
    expect(check({})).toMatchObject({ green: true, verdict: '10 passed, 0 failed' })
  })

  const red: [what: string, world: World, verdict: string][] = [
    ['a step that fails', { fails: ['lint'] }, '10 passed, 1 failed'],
    ['the format', { fails: ['format:check'] }, '10 passed, 1 failed'],
    ['the compiler', { fails: ['typecheck'] }, '10 passed, 1 failed'],
    ['a build that fails', { fails: ['build'] }, '10 passed, 1 failed'],
    ['a README that drifted', { fails: ['docs'] }, '10 passed, 1 failed'],
    ['a dist that is not committed', { dist: '?? dist/1.index.js' }, '10 passed, 1 failed'],
    [
      'a test',
      { jest: jestResult({ success: false, numFailedTests: 2 }), fails: ['test'] },
      '10 passed, 2 failed',
    ],
    [
      'a suite that does not load',
      { jest: jestResult({ success: false, numRuntimeErrorTestSuites: 1 }), fails: ['test'] },
      '10 passed, 1 failed',
    ],
    ['a jest that leaves no result', { jest: null, fails: ['test'] }, '3 passed, 1 failed'],
    ['a jest that leaves no result and exits 0', { jest: null }, '3 passed, 1 failed'],
    ['a jest that dies after its result', { fails: ['test'] }, '10 passed, 1 failed'],
    ['no tests at all', { jest: jestResult({ numPassedTests: 0 }) }, '3 passed, 1 failed'],
    ['mutants that survive', { mutants: '1 caught, 2 survived', fails: ['mutants'] }, '8 passed, 2 failed'],
    ['mutants that say nothing', { mutants: 'done' }, '7 passed, 1 failed'],
    ['with --ci, the demo', { fails: ['demo'], args: ['--ci'] }, '10 passed, 1 failed'],
    [
      'with --ci, a skipped test',
      { jest: jestResult({ numPendingTests: 4 }), args: ['--ci'] },
      '10 passed, 4 failed',
    ],
  ]
  test.each(red)('is red for %s', (_, world, verdict) => {
    expect(check(world)).toMatchObject({ green: false, verdict })
  })

  test('with --ci, is red where a registry is missing', () => {
    writeFileSync(
      join(folder, 'scripts', 'registries.js'),
      "process.exitCode = process.argv.includes('--require') ? 1 : 0",
    )
    expect(check({ args: ['--ci'] })).toMatchObject({ green: false, verdict: '10 passed, 1 failed' })
  })

  test('elsewhere a skipped test is said and no failure, and the demo does not run', () => {
    const { green, stdout } = check({ jest: jestResult({ numPendingTests: 4 }), fails: ['demo'] })
    expect(green).toBe(true)
    expect(stdout).toContain('4 skipped')
  })

  test('goes on after a step that failed', () => {
    const { stdout } = check({ fails: ['format:check', 'lint'] })
    expect(stdout).toMatch(/FAILED format.*\nFAILED lint.*\nok {5}typecheck/)
  })
})
