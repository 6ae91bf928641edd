import { expect, test } from '@jest/globals'
import { pushScene } from '../../../testbed/images/scene.js'
import { freePort } from '../../../testbed/serve/server-process.js'
import { startServer } from '../support/round-robin.js'
import { authority, expectResult, noWaits, onRegistry, purge, type Registry } from '../support/support.js'

const image = 'acme/search-indexer:debug-42'
const nobody = (url: string): Registry => ({ url })

onRegistry('3.1.1', (start) => {
  test('an unknown authority is refused, naming ca-certificate, and no password is sent', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const run = await purge(registry, {
      image: `${repository}:${leak.tag}`,
      'ca-certificate': undefined,
    })
    expectResult(run, 'refused')
    expect(run.errors).toMatch(/authority that is not trusted.*`ca-certificate`/)
  })

  test('the authority may be given as the path of its file', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const { caPath } = await authority()
    const run = await purge(registry, { image: `${repository}:${leak.tag}`, 'ca-certificate': caPath })
    expectResult(run, 'purged')
  })

  test('plain http to an https port is refused, naming the scheme', async () => {
    const registry = await start()
    const run = await purge(registry, { image, registry: registry.url.replace('https:', 'http:') })
    expectResult(run, 'refused')
    expect(run.errors).toContain(`It speaks https: write \`registry: ${registry.url}\``)
  })

  test('https to a plain http port is refused, naming the scheme', async () => {
    const registry = await start({ tls: undefined })
    const run = await purge(registry, { image, registry: registry.url.replace('http:', 'https:') })
    expectResult(run, 'refused')
    expect(run.errors).toContain(`does not speak TLS`)
    expect(run.errors).toContain(`set \`registry: ${registry.url}\``)
  })

  test('tls-verify: false purges in spite of an unknown authority, with a warning', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const run = await purge(registry, {
      image: `${repository}:${leak.tag}`,
      'ca-certificate': undefined,
      'tls-verify': 'false',
    })
    expectResult(run, 'purged')
    const warnings = run.output.annotations.filter(({ level }) => level === 'warning')
    expect(warnings.some(({ message }) => message.includes('tls-verify is false'))).toBe(true)
  })

  test('a plain http registry without credentials is purged where http is written', async () => {
    const registry = await start({ tls: undefined, basic: false })
    const { repository, leak } = await pushScene(registry)
    const run = await purge(registry, { image: `${repository}:${leak.tag}` })
    expectResult(run, 'purged')
    expect(run.output.outside[0]).toMatch(/anonymous/)
  })
})

test('a host that does not exist is refused, naming it', async () => {
  const run = await purge(nobody('https://registry.invalid'), { image }, noWaits)
  expectResult(run, 'refused')
  expect(run.errors).toMatch(/the host registry\.invalid was not found .*`registry`/)
})

test('a refused connection is refused, naming host and port', async () => {
  const port = await freePort()
  const run = await purge(nobody(`https://127.0.0.1:${port}`), { image }, noWaits)
  expectResult(run, 'refused')
  expect(run.errors).toMatch(new RegExp(`nothing listens at 127\\.0\\.0\\.1:${port} .*\`registry\``))
})

test('a registry that never answers is given up at the time limit, naming the input', async () => {
  const silent = await startServer(() => undefined)
  const run = await purge(nobody(silent.url), { image, timeout: '2s' })
  expectResult(run, 'refused')
  expect(silent.sockets()).toBeGreaterThan(0)
  expect(run.errors).toMatch(/^timeout: the run took longer than 2s/)
  expect(run.ms).toBeGreaterThanOrEqual(2_000)
  expect(run.ms).toBeLessThan(45_000)
})
