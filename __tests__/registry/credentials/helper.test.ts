import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from '@jest/globals'
import { runHelper, type HelperOptions } from '../../../src/registry/credentials/helper.js'
import { until } from '../server.js'

const folder = mkdtempSync(join(tmpdir(), 'helpers-'))
const left: number[] = []
afterAll(() => {
  for (const pid of left) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true })
})

const SERVER = 'registry.example.com:5000'
const SECRET = 's3cr3t-of-the-helper'
let made = 0

type Answer = Awaited<ReturnType<typeof runHelper>>

/** Writes a helper, which is a shell script. @returns its name */
function helper(script: string, mode = 0o755): string {
  const name = `test-${made++}`
  const path = join(folder, `docker-credential-${name}`)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, mode)
  return name
}

function ask(name: string, options: Partial<HelperOptions> = {}): Promise<Answer> {
  const { signal } = new AbortController()
  const environment = { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
  return runHelper(name, SERVER, { environment, signal, ...options })
}

const says = (text: string, code = 0): string => `cat <<'END'\n${text}\nEND\nexit ${code}`
const answers = (more: object): string =>
  says(JSON.stringify({ ServerURL: SERVER, Username: 'bob', Secret: SECRET, ...more }))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The number that a script wrote into a file. */
async function pidIn(file: string): Promise<number> {
  await until(() => existsSync(file) && /^\d+\n$/.test(readFileSync(file, 'utf8')))
  const pid = Number(readFileSync(file, 'utf8'))
  left.push(pid)
  return pid
}

describe('a credential helper', () => {
  test('is asked with `get` alone, and the server on its standard input', async () => {
    const notes = join(folder, 'asked')
    const name = helper(`echo "$# $*" > ${notes}; cat >> ${notes}\n${answers({})}`)
    expect(await ask(name)).toEqual({ kind: 'basic', username: 'bob', password: SECRET })
    expect(readFileSync(notes, 'utf8')).toBe(`1 get\n${SERVER}`)
  })

  test('gets the environment that it is given, and no other', async () => {
    const notes = join(folder, 'environment')
    const name = helper(`env > ${notes}\n${answers({})}`)
    await ask(name, {
      environment: { PATH: `${folder}:/usr/bin:/bin`, HELPER_SETTING: 'x y', UNSET: undefined },
    })
    const names = readFileSync(notes, 'utf8')
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(names).toEqual(expect.arrayContaining(['PATH', 'HELPER_SETTING']))
    expect(names).not.toContain('HOME')
    expect(names).not.toContain('UNSET')
  })

  test('is looked for on the PATH of that environment', async () => {
    const name = helper(answers({}))
    expect(await ask(name, { environment: { PATH: '/nowhere' } })).toEqual({ wrong: 'is not on the PATH' })
  })

  test.each<[string, object, Answer]>([
    ['a user and a password', {}, { kind: 'basic', username: 'bob', password: SECRET }],
    ['a refresh token', { Username: '<token>' }, { kind: 'identity', token: SECRET }],
    [
      'things of no interest',
      { More: [1], ServerURL: 5 },
      { kind: 'basic', username: 'bob', password: SECRET },
    ],
    [
      'letters of other languages',
      { Username: 'böb', Secret: 'wörd✓' },
      { kind: 'basic', username: 'böb', password: 'wörd✓' },
    ],
    ['an empty secret, which is none', { Secret: '' }, undefined],
    ['nothing at all', { Username: '', Secret: '' }, undefined],
  ])('may answer with %s', async (_, more, expected) => {
    expect(await ask(helper(answers(more)))).toEqual(expected)
  })

  test('may take its time, and answer in pieces', async () => {
    const name = helper(`printf '{"Username":"bob",'; sleep 0.2; printf '"Secret":"${SECRET}"}'`)
    expect(await ask(name)).toEqual({ kind: 'basic', username: 'bob', password: SECRET })
  })

  test('may leave its standard input unread', async () => {
    const name = helper(`exec <&-\n${answers({})}`)
    expect(await ask(name)).toEqual({ kind: 'basic', username: 'bob', password: SECRET })
  })

  test('may say what it likes on its standard error', async () => {
    const name = helper(`echo "password is ${SECRET}" >&2; head -c 300000 /dev/zero >&2\n${answers({})}`)
    expect(await ask(name)).toMatchObject({ kind: 'basic' })
  })

  test.each([
    'credentials not found in native keychain',
    'Credentials Not Found',
    'error: credentials not found: no such item',
    'two lines\ncredentials not found',
  ])('has none where it fails and says %j', async (said) => {
    expect(await ask(helper(says(said, 1)))).toBeUndefined()
  })
})

describe('a credential helper that fails', () => {
  test.each<[string, string, string]>([
    ['has an exit code', 'exit 3', 'failed with exit code 3'],
    ['has a message', says('the vault is shut\nand more', 1), 'failed with exit code 1 (the vault is shut)'],
    [
      'has a message with blanks around it',
      says('\n\n  the vault is shut\r', 1),
      'failed with exit code 1 (the vault is shut)',
    ],
    ['speaks on its standard error only', `echo "${SECRET}" >&2; exit 1`, 'failed with exit code 1'],
    ['says nothing and is content', 'exit 0', 'printed something that is not JSON'],
    [
      'has none, and does not say so by its exit code',
      says('credentials not found'),
      'printed something that is not JSON',
    ],
    ['answers with a text', says(SECRET), 'printed something that is not JSON'],
    [
      'answers with half of its JSON',
      `printf '{"Username":"bob","Secret":"${SECRET}'`,
      'printed something that is not JSON',
    ],
    ['answers with a list', says(`["${SECRET}"]`), 'printed JSON without a user name and a secret'],
    ['answers with a number', says('5'), 'printed JSON without a user name and a secret'],
    ['answers with null', says('null'), 'printed JSON without a user name and a secret'],
    [
      'answers without a user',
      says(`{"Secret":"${SECRET}"}`),
      'printed JSON without a user name and a secret',
    ],
    ['answers without a secret', says('{"Username":"bob"}'), 'printed JSON without a user name and a secret'],
    [
      'answers with values of another kind',
      says(`{"Username":["bob"],"Secret":{"x":"${SECRET}"}}`),
      'printed JSON without a user name and a secret',
    ],
    ['answers with an empty user', answers({ Username: '' }), 'printed JSON without a user name'],
  ])('says so: it %s', async (_, script, said) => {
    expect(await ask(helper(script))).toEqual({ wrong: said })
  })

  test.each([
    ['an answer', says(JSON.stringify({ Username: 'bob', Secret: SECRET }), 1)],
    ['an answer after a message', says(`error\n{"Secret":"${SECRET}"}`, 1)],
    ['half of an answer', `printf '"Secret":"${SECRET}'; exit 2`],
    ['what may be a part of one', `printf '{ Secret: ${SECRET}'; exit 2`],
  ])('is not quoted where it says %s', async (_, script) => {
    expect(await ask(helper(script))).toEqual({
      wrong: expect.stringMatching(/^failed with exit code \d$/),
    })
  })

  test('is quoted with a part of what it says', async () => {
    expect(await ask(helper(says('x'.repeat(1000), 1)))).toEqual({
      wrong: `failed with exit code 1 (${'x'.repeat(200)}…)`,
    })
  })

  test('is not there', async () => {
    expect(await ask('nobody-made-this')).toEqual({ wrong: 'is not on the PATH' })
  })

  test('is a folder', async () => {
    mkdirSync(join(folder, 'docker-credential-folder'))
    expect(await ask('folder', { environment: { PATH: folder } })).toEqual({
      wrong: 'could not be started (EACCES)',
    })
  })

  test('may not be run', async () => {
    const name = helper(answers({}), 0o644)
    expect(await ask(name, { environment: { PATH: folder } })).toEqual({
      wrong: 'could not be started (EACCES)',
    })
  })

  test('says too much', async () => {
    const said = await ask(helper(`yes '${SECRET}'`))
    expect(said).toEqual({ wrong: 'printed more than 65536 characters' })
    expect(await ask(helper('head -c 70000 /dev/zero | tr "\\0" x; exit 1'))).toEqual(said)
  })
})

describe('a credential helper that does not answer', () => {
  test('is given up after its time, and ended', async () => {
    const file = join(folder, 'hangs')
    const begun = performance.now()
    const answer = ask(helper(`echo $$ > ${file}; exec sleep 60`), { timeout: 2_000 })
    const pid = await pidIn(file)
    expect(await answer).toEqual({ wrong: 'did not respond within 2 s' })
    expect(performance.now() - begun).toBeLessThan(50_000)
    await until(() => !isAlive(pid))
  })

  test('is ended also where it does not care about being asked to end', async () => {
    const file = join(folder, 'stubborn')
    const answer = ask(helper(`trap '' TERM INT HUP; echo $$ > ${file}; while :; do sleep 0.1; done`), {
      timeout: 2_000,
    })
    const pid = await pidIn(file)
    expect(await answer).toEqual({ wrong: 'did not respond within 2 s' })
    await until(() => !isAlive(pid))
  })

  test('is given up also where half of an answer is there', async () => {
    const said = await ask(helper(`printf '{"Username":"bob","Secret":"${SECRET}"'; exec sleep 60`), {
      timeout: 2_000,
    })
    expect(said).toEqual({ wrong: 'did not respond within 2 s' })
  })

  test('is given up also where another process holds its output open', async () => {
    const file = join(folder, 'behind')
    const answer = ask(helper(`sleep 60 & echo $! > ${file}`), { timeout: 2_000 })
    await pidIn(file)
    expect(await answer).toEqual({ wrong: 'did not respond within 2 s' })
  })

  test('is waited for no longer than the run may last', async () => {
    const file = join(folder, 'stopped')
    const stop = new AbortController()
    const answer = ask(helper(`echo $$ > ${file}; exec sleep 60`), { signal: stop.signal })
    const pid = await pidIn(file)
    stop.abort()
    expect(await answer).toEqual({ wrong: 'was stopped before it responded' })
    await until(() => !isAlive(pid))
  })

  test('is not waited for at all where the run is to stop already', async () => {
    expect(await ask(helper('exec sleep 60'), { signal: AbortSignal.abort() })).toEqual({
      wrong: 'was stopped before it responded',
    })
  })

  test('is not waited for either where there is none', async () => {
    expect(await ask('nobody-made-this', { signal: AbortSignal.abort() })).toEqual({
      wrong: 'was stopped before it responded',
    })
    // Its failure to start comes a moment later.
    await sleep(100)
  })

  test('is no concern of a stop that comes afterwards', async () => {
    const stop = new AbortController()
    expect(await ask(helper(answers({})), { signal: stop.signal })).toMatchObject({ kind: 'basic' })
    stop.abort()
    await sleep(10)
  })
})
