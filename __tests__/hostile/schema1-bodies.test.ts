/** Bodies that were made to break whoever takes a signed schema 1 manifest apart: no crash, and no way without an end. */
import { expect, jest, test } from '@jest/globals'
import { digestOf } from '../../testbed/images/content.js'
import { runEngine } from '../support/engine.js'
import { type MemoryStore } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

jest.setTimeout(60_000)
const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42`, 'unreadable-tags': 'ignore' }
const SIGNED = 'application/vnd.docker.distribution.manifest.v1+prettyjws'
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A schema 1 manifest with these members, signed so that its payload is the text in front of the signatures. */
function signed(members: string, signatures: (head: number) => string): { body: Buffer; digest: string } {
  const head = `{"schemaVersion":1,"name":"app","tag":"old","architecture":"amd64",${members}`
  const body = Buffer.from(`${head},"signatures":${signatures(head.length)}}`)
  return { body, digest: digestOf(Buffer.from(`${head}}`)) }
}
const tail = Buffer.from('}').toString('base64url')
const one = (head: number): string => `[{"protected":"${encoded({ formatLength: head, formatTail: tail })}"}]`

function put(store: MemoryStore, { body, digest }: { body: Buffer; digest: string }): void {
  store.putManifest(REPO, SIGNED, body, 'old', digest)
}

test('a layer list that is nested deeper than a stack', async () => {
  const registry = await registryWith({ schema1: true })
  referenceScene(registry.store)
  const deep = 200_000
  put(
    registry.store,
    signed(
      `"fsLayers":[{"blobSum":"${digestOf(Buffer.from('x'))}","x":${'['.repeat(deep)}${']'.repeat(deep)}}]`,
      one,
    ),
  )
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
})

test('more signatures than memory holds payloads', async () => {
  const registry = await registryWith({ schema1: true })
  referenceScene(registry.store)
  const layers = `"fsLayers":[],"history":"${'x'.repeat(1_800_000)}"`
  put(
    registry.store,
    signed(layers, (head) => {
      const entry = `{"protected":"${encoded({ formatLength: head, formatTail: tail })}"}`
      return `[${Array.from({ length: 1000 }, () => entry).join(',')}]`
    }),
  )
  const before = process.memoryUsage().rss
  let most = 0
  registry.options.after = () => void (most = Math.max(most, process.memoryUsage().rss))
  const run = await runEngine(registry, IMAGE)
  expect((most - before) / 2 ** 20).toBeLessThan(500)
  expect(run.result).toBe('purged')
})
