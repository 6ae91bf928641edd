/** Texts that must hold neither content of an image nor a credential. */
import { expect, test } from '@jest/globals'
import { runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'

test('an answer of success that is not understood is told without its body', async () => {
  const registry = await registryWith({
    reads: { latest: { status: 203, body: { annotations: { x: 'hunter2-do-not-print' } } } },
  })
  referenceScene(registry.store)
  const run = await runEngine(registry, { image: `${REPO}:debug-42` })
  expect(run.result).toBe('refused')
  expect(run.problems).toContain('203')
  expect(JSON.stringify([run.report, run.log])).not.toContain('hunter2')
})

test('a reason that holds the password stands in the report without it', async () => {
  const registry = await registryWith({ users: { bob: 'hunter2-hunter2' } })
  referenceScene(registry.store)
  const run = await runEngine(registry, {
    image: `${REPO}:debug-42`,
    username: 'bob',
    password: 'hunter2-hunter2',
    reason: 'the password was hunter2-hunter2',
  })
  expect(run.result).toBe('purged')
  expect(run.report.reason).toMatch(/^the password was \S+$/)
  expect(JSON.stringify([run.report, run.fileBeforeFirstWrite, run.log])).not.toContain('hunter2-hunter2')
})
