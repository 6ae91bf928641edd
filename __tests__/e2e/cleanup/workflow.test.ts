/** The workflow that the README shows for a cleanup, run by a workflow engine against a real registry. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ociImage } from '../../../testbed/images/image.js'
import { pullsCompletely } from '../../../testbed/images/pull.js'
import { push } from '../../../testbed/images/push.js'
import { findAct } from '../../../testbed/obtain/act-binary.js'
import { temporaryFolder } from '../../../testbed/project.js'
import { copyAction, runAct, type ActResult } from '../../../testbed/run/act-run.js'
import { testUser } from '../../../testbed/serve/registry-server.js'
import { layerOf } from '../support/scenes.js'
import { authority, onRegistry, type Registry } from '../support/support.js'

jest.setTimeout(180_000)

const found = await findAct()
const DAY = 86_400_000
const REPOSITORIES = ['acme/search-indexer', 'acme/billing', 'acme/web']

/** The example as it stands in the README. */
const example = [...readFileSync('README.md', 'utf8').matchAll(/^```yaml\n([^]*?)^```$/gm)]
  .map(([, text = '']) => text)
  .find((text) => text.startsWith('name: Clean up debug tags'))

/** Puts in what a user has to put in: the registry's address, and where the action comes from. */
function adapted(registry: Registry): string {
  if (example === undefined) throw new Error('README.md has no workflow "Clean up debug tags"')
  return example
    .replaceAll('OWNER/registry-purge@COMMIT # v1.0.0', 'acme/registry-purge@v1')
    .replaceAll('https://registry.example.com', registry.url)
}

async function pushAll(registry: Registry, days: number): Promise<void> {
  for (const name of REPOSITORIES) {
    const image = (tag: string, age: number): ReturnType<typeof ociImage> =>
      ociImage(`${name} ${tag}`, {
        layers: [layerOf('base'), layerOf(`${name} ${tag}`)],
        created: new Date(Date.now() - age * DAY).toISOString(),
      })
    await push(registry, name, image('latest', 1), 'latest')
    await push(registry, name, image('v1', 100), 'v1')
    for (let at = 1; at <= 5; at++)
      // Only two of the repositories have something that is old enough.
      await push(registry, name, image(`debug-${at}`, name === 'acme/web' ? 1 : days + at), `debug-${at}`)
  }
}

const present = async (
  registry: Registry,
  repository: string,
  tags: readonly string[],
): Promise<string[]> => {
  const pulled = await Promise.all(
    tags.map(async (tag) => [tag, (await pullsCompletely(registry, repository, tag)).ok] as const),
  )
  return pulled.flatMap(([tag, ok]) => (ok ? [tag] : []))
}

const ALL = ['debug-1', 'debug-2', 'debug-3', 'debug-4', 'debug-5', 'latest', 'v1']

const UPLOAD = `name: upload
description: shows what would be uploaded
inputs:
  name:
    description: n
  path:
    description: p
  if-no-files-found:
    description: i
runs:
  using: composite
  steps:
    - shell: bash
      env:
        REPORT: \${{ inputs.path }}
      run: |
        test -s "$REPORT"
        echo "report of $(grep -m1 -o '"name": "[^"]*"' "$REPORT") is there"
`

if ('missing' in found)
  describe.skip(`the workflow for cleanup (skipped: ${found.missing})`, () => test('is run by act', () => {}))
else
  onRegistry('3.1.1', (start) => {
    let folder = ''
    beforeAll(async () => {
      folder = await temporaryFolder('actions')
      copyAction(join(folder, 'purge'))
      mkdirSync(join(folder, 'upload'))
      // Nothing is uploaded anywhere: what would be, is shown.
      writeFileSync(join(folder, 'upload', 'action.yml'), UPLOAD)
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    const upload = /actions\/upload-artifact@[0-9a-f]{40}/.exec(example ?? '')?.[0] ?? ''
    const run = async (
      registry: Registry,
      workflow: string,
      event: 'schedule' | 'workflow_dispatch',
    ): Promise<ActResult> =>
      runAct({
        act: found,
        workflow,
        event,
        secrets: { REGISTRY_PASSWORD: testUser.password, GITHUB_TOKEN: 'none' },
        variables: { REGISTRY_USER: testUser.username, REGISTRY_CA: (await authority()).caPath },
        actions: { 'acme/registry-purge@v1': join(folder, 'purge'), [upload]: join(folder, 'upload') },
      })

    test('plans, fans out, deletes what was approved in each repository, and keeps the reports', async () => {
      const registry = await start()
      await pushAll(registry, 20)
      const done = await run(registry, adapted(registry), 'workflow_dispatch')
      expect([done.late, done.code, done.code === 0 ? '' : done.log]).toEqual([false, 0, ''])
      expect(done.jobs).toEqual({ plan: ['success'], purge: ['success', 'success'] })
      // Three of the newest of each stay, and they are the youngest.
      for (const repository of ['acme/search-indexer', 'acme/billing'])
        expect(await present(registry, repository, ALL)).toEqual([
          'debug-1',
          'debug-2',
          'debug-3',
          'latest',
          'v1',
        ])
      expect(await present(registry, 'acme/web', ALL)).toEqual(ALL)
      for (const repository of ['acme/search-indexer', 'acme/billing'])
        expect(done.log).toContain(`report of "name": "${repository}" is there`)
      expect(done.text.replace(/^::add-mask::.*$/gm, '')).not.toContain(testUser.password)
      expect(done.log).not.toContain(testUser.password)
    })

    test('a repository that changes after its approval is refused, and the others are cleaned', async () => {
      const registry = await start()
      await pushAll(registry, 20)
      // What was approved for one repository is no longer what its plan says.
      const stale = adapted(registry).replace(
        'approve: ${{ matrix.fingerprint }}',
        `approve: \${{ matrix.repositories == 'acme/billing' && 'sha256:${'0'.repeat(64)}' || matrix.fingerprint }}`,
      )
      const done = await run(registry, stale, 'workflow_dispatch')
      expect([done.late, done.code]).toEqual([false, 1])
      expect(done.jobs['plan']).toEqual(['success'])
      expect(done.jobs['purge']).toHaveLength(2)
      expect(await present(registry, 'acme/billing', ALL)).toEqual(ALL)
      expect(await present(registry, 'acme/search-indexer', ALL)).not.toContain('debug-5')
      expect(done.text).toContain('What was approved is no longer what would be deleted')
    })

    test('the schedule of a night with nothing to do is green, and asks nobody', async () => {
      const registry = await start()
      await pushAll(registry, 1)
      const done = await run(registry, adapted(registry), 'schedule')
      expect([done.late, done.code, done.code === 0 ? '' : done.log]).toEqual([false, 0, ''])
      expect(done.jobs['plan']).toEqual(['success'])
      expect(done.text).toContain('Nothing to do')
      expect(done.text).not.toContain('::group::Delete')
      expect(await present(registry, 'acme/billing', ALL)).toEqual(ALL)
    })
  })
