import { expect, test } from '@jest/globals'
import { blobDigests } from '../../../testbed/images/image.js'
import { get } from '../../../testbed/images/pull.js'
import { push, pushBlob } from '../../../testbed/images/push.js'
import { onRegistryWith, passTo, startFront } from '../support/parts.js'
import { expectGone, expectPulls, statusOf } from '../support/registry-state.js'
import { imageOf, layerOf } from '../support/scenes.js'
import { expectResult, plain, purge, type Registry, type RegistryServer } from '../support/support.js'

const repository = 'acme/app'
const [leak, stable] = [imageOf('base', 'secret'), imageOf('base')]
const secret = layerOf('secret')
const own = blobDigests(leak).filter((digest) => digest !== layerOf('base').digest)
/** Two rounds, of which one has a query of its own, and a short wait for what cannot be proven. */
const short = { 'verify-attempts': '2', 'verify-timeout': '2s', 'shared-blobs': 'keep' }

interface Cache {
  readonly key: '$uri' | '$request_uri'
  readonly header?: string
  readonly seconds: number
  /** Digests whose DELETE is answered with 202 and does not arrive. */
  readonly kept?: readonly string[]
}

const says = 'add_header X-Cache-Status $upstream_cache_status always;'

/** nginx that keeps every 404 for a while. */
function startCache(
  registry: RegistryServer,
  { key, header = '', seconds, kept = [] }: Cache,
): Promise<Registry> {
  return startFront(registry, {
    http: `
  proxy_cache_path answers levels=1 keys_zone=answers:1m;
  map "$request_method $uri" $swallowed {
    default 0;
${kept.map((digest) => `    "~^DELETE .*/${digest}$" 1;`).join('\n')}
  }`,
    server: `
    if ($swallowed) { return 202; }
    location / {${passTo(registry)} }
    location ~ /(manifests|blobs)/sha256: {${passTo(registry)}
      proxy_cache answers;
      proxy_cache_key ${key};
      proxy_cache_valid 404 ${seconds}s;
      ${header}
    }`,
  })
}

const asked = { manifests: [leak.digest], blobs: own }

/** The cache has a 404 for everything that the registry has from now on. */
async function cachedScene(registry: RegistryServer, front: Registry): Promise<void> {
  await push(registry, repository, stable, 'stable')
  await expectGone(front, repository, asked)
  await push(registry, repository, leak, 'debug')
  await expectGone(front, repository, asked)
}

onRegistryWith('nginx', '3.1.1', (start) => {
  test.each([
    ['that says so and that no query passes', { key: '$uri', header: says }],
    ['that says so and that a query passes', { key: '$request_uri', header: says }],
    ['that is silent and that a query passes', { key: '$request_uri' }],
  ] as const)(
    'a 404 out of a cache %s is no proof: an image whose digests are served behind it is not purged',
    async (_what, cache) => {
      const registry = await start(plain)
      const front = await startCache(registry, { ...cache, seconds: 120, kept: [leak.digest, ...own] })
      await cachedScene(registry, front)
      const run = await purge(front, { image: `${repository}:debug`, ...short })

      const statuses = Object.values(await statusOf(registry, repository, { blobs: own }))
      expect(statuses).toEqual(own.map(() => 200))
      expectResult(run, 'incomplete')
      expect(run.digests).toEqual([])
      if ('header' in cache && cache.key === '$uri') expect(run.errors).toMatch(/X-Cache-Status: HIT/i)
      await expectPulls(registry, repository, { stable: stable.digest })
    },
  )

  test.each([
    ['says so', says],
    ['is silent', ''],
  ])('a 404 out of a cache that %s is no proof that a blob is gone', async (_what, header) => {
    const registry = await start(plain)
    const front = await startCache(registry, {
      key: '$request_uri',
      header,
      seconds: 120,
      kept: [secret.digest],
    })
    await push(registry, repository, stable, 'stable')
    await expectGone(front, repository, { blobs: [secret.digest] })
    await pushBlob(registry, repository, secret)
    const run = await purge(front, { blobs: `${repository}@${secret.digest}`, ...short })

    expect((await get(registry, repository, 'blobs', secret.digest)).status).toBe(200)
    expect(run.result).not.toBe('purged')
    expect(run.digests).toEqual([])
  })

  test.each([
    ['says so', says],
    ['is silent', ''],
  ])(
    'what is gone is proven through a cache of 404s that %s and that a query passes',
    async (_what, header) => {
      const registry = await start(plain)
      const front = await startCache(registry, { key: '$request_uri', header, seconds: 10 })
      await push(registry, repository, stable, 'stable')
      await push(registry, repository, leak, 'debug')
      const run = await purge(front, {
        image: `${repository}:debug`,
        'verify-attempts': '4',
        'shared-blobs': 'keep',
      })

      expectResult(run, 'purged')
      await expectGone(registry, repository, asked)
      await expectPulls(front, repository, { stable: stable.digest })
    },
  )
})
