import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pushScene } from '../../../testbed/images/scene.js'
import { startBalancer } from '../support/round-robin.js'
import { expectResult, folderFor, onRegistry, purge, type Run } from '../support/support.js'
import { PASSWORD, startTokenScene, USER } from '../support/tokens.js'

const LINE =
  /^(?:GET|HEAD|DELETE|PUT|POST) https?:\/\/\S+ (?:\d{3}(?: cut)?|[A-Z_]+) \d+ ms attempt [1-9]\d*$/

/** Every file below a folder. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}

/** Everything that a run wrote anywhere: both streams, and each file in its folder. */
function written(run: Run): string {
  const files = filesBelow(run.folder).map((path) => readFileSync(path, 'utf8'))
  return [run.stdout.replace(/^::add-mask::.*$/gm, ''), run.stderr, ...files].join('\n')
}

/** None of these stands there, in any form in which something may have echoed it. */
function expectNowhere(run: Run, secrets: readonly string[]): void {
  const text = written(run)
  for (const secret of secrets)
    for (const form of [
      secret,
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ])
      expect([secret, form, text.includes(form)]).toEqual([secret, form, false])
}

const debugLines = (run: Run): string[] =>
  run.output.commands.filter(({ name }) => name === 'debug').map(({ message }) => message)

const debug = { RUNNER_DEBUG: '1' }

onRegistry('3.1.1', (start) => {
  test('at debug level there is one line for each request, and no credential in any of them', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const run = await purge(registry, { image: `${repository}:${leak.tag}` }, { env: debug })
    expectResult(run, 'purged')
    const counts = Object.values(run.report.requests as Record<string, number>)
    const sent = counts.reduce((sum, each) => sum + each, 0)
    expect(debugLines(run)).toHaveLength(sent)
    expect(debugLines(run).filter((line) => !LINE.test(line))).toEqual([])
    const password = registry.auth?.password ?? ''
    expectNowhere(run, [password, `${registry.auth?.username}:${password}`])
    const silent = await purge(registry, { image: `${repository}:latest`, 'dry-run': 'true' })
    expect(debugLines(silent)).toEqual([])
  })

  test('tokens and the password stay out of everything, at debug level too', async () => {
    const scene = await startTokenScene(start, { expiresIn: 1 })
    const run = await purge(
      scene.registry,
      { image: scene.image, 'verify-attempts': '3', 'verify-interval': '1s' },
      { env: debug },
    )
    expectResult(run, 'purged')
    expect(debugLines(run).some((line) => line.includes('/token?… 200'))).toBe(true)
    expectNowhere(run, [PASSWORD, `${USER}:${PASSWORD}`, ...scene.tokens.issued])
  })

  test('a token service that sends the credentials back does not bring them into any text', async () => {
    const scene = await startTokenScene(start, {
      intercept: ({ authorization }) => ({
        status: 401,
        body: JSON.stringify({ errors: [{ code: 'DENIED', message: `${authorization} is ${PASSWORD}` }] }),
      }),
    })
    const run = await purge(scene.registry, { image: scene.image }, { env: debug })
    expectResult(run, 'refused')
    expectNowhere(run, [PASSWORD, `${USER}:${PASSWORD}`])
  })

  test('what a storage signs its links with stays out of everything, also where the storage repeats it', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const signature = 'c2lnbmF0dXJlLW9mLWEtbGluaw-0123456789abcdef'
    // The storage behind this registry is the same server, under another path, and answers with what it was asked.
    const balancer = await startBalancer([registry], ({ method, path }) => {
      if (path.startsWith('/storage'))
        return { reply: 403, body: `SignatureDoesNotMatch: ${path} signed ${signature}` }
      if (method !== 'DELETE' && path.includes('/blobs/') && !path.includes(leak.config))
        return { reply: 307, headers: { location: `/storage?X-Signature=${signature}&X-Expires=60` } }
      return undefined
    })
    const run = await purge(
      balancer,
      { image: `${repository}:${leak.tag}`, 'verify-timeout': '2s' },
      { env: debug },
    )
    expectResult(run, 'refused')
    expect(run.errors).toContain(`its storage at ${new URL(balancer.url).host}, which returned 403`)
    expectNowhere(run, [signature])
    expect(run.output.masks).toContain(signature)
  })

  test.each([
    ['in the address of the registry', { registry: 'https://eve:hunter2222@127.0.0.1' }],
    ['in an image', { image: 'https://eve:hunter2222@127.0.0.1/acme/app:x' }],
  ])('a password %s is refused, and written nowhere', async (_, inputs) => {
    const run = await purge(
      { url: 'https://127.0.0.1:1' },
      { image: 'acme/app:x', ...inputs },
      { env: debug },
    )
    expectResult(run, 'refused')
    expectNowhere(run, ['hunter2222'])
  })

  test('no process of a run has a secret among its arguments', async () => {
    const scene = await startTokenScene(start)
    const folder = await folderFor('arguments')
    const seen = new Set<string>()
    const look = (): void => {
      for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        try {
          seen.add(readFileSync(`/proc/${id}/cmdline`, 'utf8'))
        } catch {
          // It ended meanwhile.
        }
    }
    const timer = setInterval(look, 20)
    try {
      expectResult(await purge(scene.registry, { image: scene.image }, { folder }), 'purged')
    } finally {
      clearInterval(timer)
    }
    expect([...seen].some((line) => line.includes('dist/index.js'))).toBe(true)
    for (const secret of [PASSWORD, ...scene.tokens.issued])
      expect([...seen].filter((line) => line.includes(secret))).toEqual([])
  })
})
