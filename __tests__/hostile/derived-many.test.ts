/** Names are free: whoever may push can make tags that belong to each other in long chains. */
import { expect, jest, test } from '@jest/globals'
import { signature, signatureTag } from '../../testbed/images/artifacts.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import type { MemoryStore } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { startWork } from '../support/work-time.js'

jest.setTimeout(300_000)
const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const DRY = { image: `${REPO}:debug-42`, 'dry-run': 'true' }
const N = 3000

function chain(store: MemoryStore, from: string, length: number): void {
  const links = Array.from({ length }, (_, at) => signature(`link ${at}`))
  let before = from
  for (const link of links) {
    pushImage(store, REPO, link, signatureTag(before))
    before = link.digest
  }
}

test('a chain of signatures of signatures', async () => {
  const registry = await registryWith()
  const { leak } = referenceScene(registry.store)
  chain(registry.store, leak.digest, N)
  // The loop of events must turn meanwhile, or nobody could stop the run.
  let longest = 0
  let since = startWork()
  const timer = setInterval(() => {
    longest = Math.max(longest, since())
    since = startWork()
  }, 20)
  const run = await runEngine(registry, DRY)
  clearInterval(timer)
  expect(Math.max(longest, since())).toBeLessThan(3000)
  expect(run.report.repositories[0]?.tags).toHaveLength(N + 1)
})
