import { describe, expect, test } from '@jest/globals'
import { pushScene } from '../../../testbed/images/scene.js'
import { freePort } from '../../../testbed/serve/server-process.js'
import { startForwardProxy, type ForwardProxy } from '../../support/forward-proxy.js'
import { expectResult, later, onRegistry, purge, type RegistryServer } from '../support/support.js'

const PASSWORD = 'open-sesame-42'

async function proxy(user?: string): Promise<ForwardProxy> {
  const started = await startForwardProxy(user)
  later(() => started.close())
  return started
}

const withUser = ({ url }: ForwardProxy, user: string): string => url.replace('://', `://${user}@`)

onRegistry('3.1.1', (start) => {
  const scene = async (
    options?: Parameters<typeof start>[0],
  ): Promise<{ registry: RegistryServer; image: string }> => {
    const registry = await start(options)
    const { repository, leak } = await pushScene(registry)
    return { registry, image: `${repository}:${leak.tag}` }
  }

  test.each(['HTTPS_PROXY', 'https_proxy'])(
    '%s: everything goes through its tunnel, TLS unopened',
    async (name) => {
      const { registry, image } = await scene()
      const { url, tunnels, plain } = await proxy()
      const run = await purge(registry, { image }, { env: { [name]: url } })
      expectResult(run, 'purged')
      expect(new Set(tunnels)).toEqual(new Set([registry.host]))
      // Each check of a purged digest has a connection, and so a tunnel, of its own.
      expect(tunnels.length).toBeGreaterThan(run.digests.length)
      expect(plain).toEqual([])
    },
  )

  test('HTTP_PROXY takes requests over plain http', async () => {
    const { registry, image } = await scene({ tls: undefined })
    const { url, tunnels, plain } = await proxy()
    const run = await purge(registry, { image }, { env: { HTTP_PROXY: url } })
    expectResult(run, 'purged')
    expect(plain.length).toBeGreaterThan(20)
    expect(plain.every((each) => each.startsWith(`${registry.url}/v2/`))).toBe(true)
    expect(tunnels).toEqual([])
  })

  test('NO_PROXY exempts the registry', async () => {
    const { registry, image } = await scene()
    const { url, tunnels } = await proxy()
    const run = await purge(
      registry,
      { image },
      { env: { HTTPS_PROXY: url, NO_PROXY: 'localhost,127.0.0.1' } },
    )
    expectResult(run, 'purged')
    expect(tunnels).toEqual([])
  })

  describe('a proxy that wants credentials', () => {
    test.each([true, false])(
      'gets those in its address, which are never written (https: %s)',
      async (secure) => {
        const { registry, image } = await scene(secure ? {} : { tls: undefined })
        const started = await proxy(`robot:${PASSWORD}`)
        const env = {
          [secure ? 'HTTPS_PROXY' : 'HTTP_PROXY']: withUser(started, `robot:${PASSWORD}`),
          RUNNER_DEBUG: '1',
        }
        const run = await purge(registry, { image }, { env })
        expectResult(run, 'purged')
        expect([started.refused(), started.tunnels.length + started.plain.length > 5]).toEqual([0, true])
        const written = run.log.replace(/^::add-mask::.*$/gm, '') + run.summary + JSON.stringify(run.report)
        expect(written).not.toContain(PASSWORD)
        expect(written).not.toContain(Buffer.from(`robot:${PASSWORD}`).toString('base64'))
        expect(run.output.masks).toContain(PASSWORD)
      },
    )

    test.each([true, false])(
      'and gets none refuses, and the message speaks of it (https: %s)',
      async (secure) => {
        const { registry, image } = await scene(secure ? {} : { tls: undefined })
        const started = await proxy(`robot:${PASSWORD}`)
        const env = { [secure ? 'HTTPS_PROXY' : 'HTTP_PROXY']: started.url }
        const run = await purge(registry, { image }, { env })
        expectResult(run, 'refused')
        expect(started.refused()).toBeGreaterThan(0)
        expect(run.errors).toMatch(/proxy/)
        expect(run.errors).toContain(secure ? 'HTTPS_PROXY' : 'HTTP_PROXY')
      },
    )
  })

  test('a proxy that is not there is a refusal that speaks of the proxy', async () => {
    const { registry, image } = await scene()
    const run = await purge(
      registry,
      { image },
      { env: { HTTPS_PROXY: `http://127.0.0.1:${await freePort()}` } },
    )
    expectResult(run, 'refused')
    expect(run.errors).toMatch(/proxy/)
  })
})
