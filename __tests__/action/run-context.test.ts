import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { VERSION } from '../../src/version.js'

const folder = mkdtempSync(join(tmpdir(), 'run-context-'))
const before = { ...process.env }
afterAll(() => {
  process.env = before
  rmSync(folder, { recursive: true })
})

const GITHUB = {
  GITHUB_REPOSITORY: 'acme/search',
  GITHUB_WORKFLOW: 'Purge',
  GITHUB_SERVER_URL: 'https://github.example',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_ACTOR: 'bob',
  GITHUB_EVENT_NAME: 'workflow_dispatch',
  GITHUB_SHA: 'c'.repeat(40),
}
const RUN = {
  repository: 'acme/search',
  workflow: 'Purge',
  url: 'https://github.example/acme/search/actions/runs/42',
  attempt: 2,
  actor: 'bob',
  event: 'workflow_dispatch',
  commit: 'c'.repeat(40),
  actionVersion: VERSION,
}

/** What is known of a run in this environment: @actions/github reads that of the process when it is loaded. */
async function contextIn(environment: Record<string, string>) {
  for (const name of Object.keys(process.env)) if (name.startsWith('GITHUB_')) delete process.env[name]
  Object.assign(process.env, environment)
  const { runContext } = await import('../../src/action/run-context.js')
  return runContext(environment)
}

beforeEach(() => void jest.resetModules())

describe('what the runner says of a run', () => {
  test('is in its variables', async () => {
    expect(await contextIn(GITHUB)).toEqual(RUN)
  })

  test('is known although the file of the event is broken', async () => {
    const path = join(folder, 'event.json')
    writeFileSync(path, '{ broken')
    expect(await contextIn({ ...GITHUB, GITHUB_EVENT_PATH: path })).toEqual(RUN)
  })

  test.each([{}, { GITHUB_EVENT_PATH: join(folder, 'event.json') }])(
    'is next to nothing outside of a runner (%j)',
    async (environment) => {
      writeFileSync(join(folder, 'event.json'), '{ broken')
      const { NO_CONTEXT } = await import('../../src/action/run-context.js')
      expect(await contextIn(environment as Record<string, string>)).toEqual(NO_CONTEXT)
    },
  )

  test('has no address for a run without a number, and counts its attempts from 1', async () => {
    const context = await contextIn({ ...GITHUB, GITHUB_RUN_ID: 'x', GITHUB_RUN_ATTEMPT: '' })
    expect(context).toEqual({ ...RUN, url: '', attempt: 1 })
  })
})
