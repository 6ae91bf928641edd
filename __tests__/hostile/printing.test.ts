/** Texts that must hold neither content of an image nor a credential, and a path that takes no folder. */
import { existsSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Record as ReportRecord } from '../../src/report/record.js'
import { emptyReport, runEngine } from '../support/engine.js'
import { FakeClock } from '../support/clock.js'
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
  run.report.reason = 'the password was hunter2-hunter2'
  expect(run.result).toBe('purged')
  const record = new ReportRecord(run.report, `${process.cwd()}/package.json/x`, new FakeClock(), (text) =>
    text.replaceAll('hunter2-hunter2', '***'),
  )
  expect(() => record.write()).toThrow()
  expect(JSON.stringify(run.report)).not.toContain('hunter2-hunter2')
})

const withProc = existsSync('/proc/self') ? '/proc/no-such-folder/report.json' : '/dev/null/report.json'
test('a path that takes no folder ends in an error, and not never', () => {
  const record = new ReportRecord(emptyReport(), withProc, new FakeClock(), (text) => text)
  expect(() => record.write()).toThrow()
})
