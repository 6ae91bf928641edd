import { expect, test } from '@jest/globals'
import { request } from '../../../testbed/http.js'
import { blobDigests } from '../../../testbed/images/image.js'
import { push, pushBlob } from '../../../testbed/images/push.js'
import { onRegistryWith, passTo, startFront } from '../support/parts.js'
import { expectGone, expectPulls, expectServed } from '../support/registry-state.js'
import { imageOf, layerOf } from '../support/scenes.js'
import { expectResult, plain, purge, type Registry, type RegistryServer } from '../support/support.js'

const repository = 'acme/app'
const [leak, stable, late] = [imageOf('base', 'secret'), imageOf('base'), imageOf('secret', 'added later')]
const [base, secret] = [layerOf('base'), layerOf('secret')]

/** nginx that keeps tag lists for half a minute. */
function startListCache(registry: RegistryServer, key: string, header: string): Promise<Registry> {
  return startFront(registry, {
    http: 'proxy_cache_path lists levels=1 keys_zone=lists:1m;',
    server: `
    location / {${passTo(registry)} }
    location ~ /tags/list$ {${passTo(registry)}
      proxy_cache lists;
      proxy_cache_key ${key};
      proxy_cache_valid 200 30s;
      ${header}
    }`,
  })
}

/** A repository whose list the cache has, and then a tag that the list there does not have. */
async function staleScene(registry: RegistryServer, front: Registry): Promise<void> {
  await push(registry, repository, leak, 'debug')
  await push(registry, repository, stable, 'stable')
  await listOf(front)
  await push(registry, repository, late, 'late')
  expect(await listOf(front)).toEqual(['debug', 'stable'])
}

async function listOf({ url, auth }: Registry): Promise<string[]> {
  const { body } = await request({ url: `${url}/v2/${repository}/tags/list`, auth })
  return (JSON.parse(body.toString()) as { tags: string[] }).tags
}

const remaining = { stable: stable.digest, late: late.digest }
const caches = [
  ['says so', 'add_header X-Cache-Status $upstream_cache_status;'],
  ['is silent', ''],
] as const

onRegistryWith('nginx', '3.1.1', (start) => {
  test.each(caches)(
    'a list out of a cache that %s and that no query passes deletes no blob',
    async (_what, header) => {
      const registry = await start(plain)
      const front = await startListCache(registry, '$uri', header)
      await staleScene(registry, front)
      const run = await purge(front, { image: `${repository}:debug`, 'shared-blobs': 'keep' })

      await expectPulls(registry, repository, remaining)
      await expectServed(registry, repository, [secret.digest])
      expect(['incomplete', 'refused']).toContain(run.result)
      expect(run.errors).toMatch(/tag list|list of tags/i)
      expect(run.errors).toMatch(/cache|stale|out of date/i)
    },
  )

  test.each(caches)(
    'a list out of a cache that %s is read past it by a query, and a tag that it lacked keeps its layers',
    async (_what, header) => {
      const registry = await start(plain)
      const front = await startListCache(registry, '$request_uri', header)
      await staleScene(registry, front)
      const run = await purge(front, { image: `${repository}:debug`, 'shared-blobs': 'keep' })

      await expectPulls(registry, repository, remaining)
      expectResult(run, 'purged')
      expect(run.kept.sort()).toEqual([base.digest, secret.digest].sort())
      await expectGone(registry, repository, {
        tags: ['debug'],
        manifests: [leak.digest],
        blobs: blobDigests(leak).slice(0, 1),
      })
    },
  )

  test('a list that a cache says it stored is not believed by a run that deletes blobs only', async () => {
    const registry = await start(plain)
    const front = await startListCache(registry, '$uri', caches[0][1])
    await push(registry, repository, stable, 'stable')
    await pushBlob(registry, repository, secret)
    await listOf(front)
    await push(registry, repository, late, 'late')
    const run = await purge(front, { blobs: `${repository}@${secret.digest}` })

    await expectPulls(registry, repository, remaining)
    expect(['incomplete', 'refused']).toContain(run.result)
  })
})
