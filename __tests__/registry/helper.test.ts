import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { askHelper, type HelperOptions } from '../../src/registry/credentials/helper.js'
import { until } from './server.js'

const folder = mkdtempSync(join(tmpdir(), 'helper-'))
afterAll(() => rmSync(folder, { recursive: true }))

const HOST = 'registry.example.com:5000'
let made = 0

/** Asks a new helper, which is a shell script. */
async function ask(
  script: string,
  options: Partial<HelperOptions> = {},
): Promise<Awaited<ReturnType<typeof askHelper>>> {
  const name = `test-${made++}`
  const path = join(folder, `docker-credential-${name}`)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  const { signal } = new AbortController()
  const environment = { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
  return askHelper(name, HOST, { environment, signal, ...options })
}

const saying = (answer: object): string => `cat >/dev/null; cat <<'END'\n${JSON.stringify(answer)}\nEND`

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a credential helper', () => {
  test('is started with `get` alone and told the host on its standard input, without an end of line', async () => {
    const notes = join(folder, 'notes')
    await ask(`printf '%s|%s|' "$#" "$1" >${notes}; cat >>${notes}; ${saying({})}`)
    expect(readFileSync(notes, 'utf8')).toBe(`1|get|${HOST}`)
  })

  test('gives a user and a password', async () => {
    const answer = await ask(saying({ ServerURL: HOST, Username: 'robot', Secret: 'pass:wörd' }))
    expect(answer).toEqual({ kind: 'basic', username: 'robot', password: 'pass:wörd' })
  })

  test('gives a refresh token where the user is <token>', async () => {
    const answer = await ask(saying({ ServerURL: HOST, Username: '<token>', Secret: 'refresh' }))
    expect(answer).toEqual({ kind: 'identity', token: 'refresh' })
  })

  test.each(['credentials not found in native keychain', 'Credentials not found'])(
    'has none where it says "%s"',
    async (said) => {
      expect(await ask(`echo '${said}'; exit 1`)).toBeUndefined()
    },
  )

  test('that does not read what it is told is heard all the same', async () => {
    const script = `exec <&-; echo '{"Username":"robot","Secret":"word"}'`
    expect(await ask(script)).toMatchObject({ username: 'robot', password: 'word' })
  })

  test('that does not answer is given up and ended', async () => {
    const notes = join(folder, 'process')
    const started = Date.now()
    const answer = await ask(`echo $$ >${notes}; exec sleep 60`, { timeout: 500 })
    expect(answer).toBe('did not answer within 0.5 s')
    expect(Date.now() - started).toBeLessThan(10_000)
    const pid = Number(readFileSync(notes, 'utf8'))
    await until(() => !isAlive(pid))
  })

  test('that leaves a process behind, which holds its output open, does not keep the run', async () => {
    const notes = join(folder, 'behind')
    const answer = await ask(`sleep 30 & echo $! >${notes}; wait`, { timeout: 500 })
    expect(answer).toBe('did not answer within 0.5 s')
    process.kill(Number(readFileSync(notes, 'utf8')))
  })

  test('is not waited for when the run is stopped', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 300)
    expect(await ask('exec sleep 60', { signal: stop.signal })).toBe('was stopped before it answered')
    expect(await ask('exec sleep 60', { signal: stop.signal })).toBe('was stopped before it answered')
  })

  test.each([
    ['half of an answer', `printf '{"Username":"robot","Secret":"s3cret'; exit 0`],
    ['an answer and fails', `echo '{"Username":"robot","Secret":"s3cret"}'; exit 1`],
    ['an answer with something around it', `echo 'here: {"Username":"robot","Secret":"s3cret"}'`],
    ['an answer without a user', saying({ Username: '', Secret: 's3cret' })],
    ['a list', saying(['s3cret'])],
  ])('that gives %s is a failure, which does not repeat it', async (_, script) => {
    const answer = await ask(script)
    expect(typeof answer).toBe('string')
    expect(answer).not.toContain('s3cret')
  })
})
