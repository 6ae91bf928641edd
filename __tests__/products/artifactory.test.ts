import { describe, expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import type { MemoryRegistry } from '../support/memory-registry.js'

const registryWith = useRegistries()
const REPO = 'docker-local/app'
const children = ['amd64', 'arm64'].map((architecture) =>
  ociImage(architecture, { platform: { os: 'linux', architecture } }),
)
const index = ociIndex(children)

/** Everything that a run may have changed. */
const stateOf = ({ store }: MemoryRegistry): string => JSON.stringify(store.snapshot())

describe('Artifactory lists the children of an index beside the tags, as sha256:<hex>', () => {
  test('an incident is refused before the first write, and the entries are named with the way out', async () => {
    const registry = await registryWith({ listsChildren: true })
    referenceScene(registry.store, REPO)
    pushImage(registry.store, REPO, index, 'multi')
    const before = stateOf(registry)
    const run = await runEngine(registry, { image: `${REPO}:debug-42` })

    expect(run.result).toBe('refused')
    expect(run.problems).toContain(`the tag list of ${REPO} has 2 entries that are not tags: `)
    for (const { digest } of children) expect(run.problems).toContain(JSON.stringify(digest))
    expect(run.problems).toMatch(
      /Artifactory's own API \(DELETE \/artifactory\/<repository>\/<image>\/<tag>\), and with it those .* that no other image needs$/,
    )
    expect(stateOf(registry)).toBe(before)
    expect(registry.requests.filter(({ method }) => method === 'DELETE')).toEqual([])
  })

  test('a cleanup leaves that repository alone, and cleans the others', async () => {
    const registry = await registryWith({ listsChildren: true })
    const other = 'docker-local/other'
    for (const repo of [REPO, other]) pushImage(registry.store, repo, ociImage(`of ${repo}`), 'debug-1')
    pushImage(registry.store, REPO, index, 'multi')
    const run = await runEngine(registry, {
      repositories: `${REPO}\n${other}`,
      tags: 'debug-*',
      'older-than': '0s',
    })

    expect(run.result).toBe('incomplete')
    expect(run.report.repositories.map(({ name, result }) => [name, result])).toEqual([
      [REPO, 'refused'],
      [other, 'purged'],
    ])
    expect(registry.store.tags(REPO)).toEqual(['debug-1', 'multi'])
  })

  test('with no such entry left, the list is like any other', async () => {
    const registry = await registryWith({ listsChildren: true })
    referenceScene(registry.store, REPO)
    expect((await runEngine(registry, { image: `${REPO}:debug-42` })).result).toBe('purged')
  })
})

test('folders called sha256__<hex> are tags, which can be named beside the index', async () => {
  const registry = await registryWith()
  const folders = children.map((child) => {
    const folder = child.digest.replace(':', '__')
    pushImage(registry.store, REPO, child, folder)
    return `${REPO}:${folder}@${child.digest}`
  })
  pushImage(registry.store, REPO, index, 'leak')
  pushImage(registry.store, REPO, ociImage('keep'), 'keep')
  const refused = await runEngine(registry, { image: `${REPO}:leak` })

  expect(refused.result).toBe('refused')
  for (const line of folders) expect(refused.problems).toContain(line)
  const run = await runEngine(registry, { image: [`${REPO}:leak`, ...folders].join('\n') })
  expect([run.result, run.problems]).toEqual(['purged', ''])
  expect(registry.store.tags(REPO)).toEqual(['keep'])
})

test('a folder below the image is named as well, without talk of digests', async () => {
  const registry = await registryWith()
  referenceScene(registry.store, REPO)
  const tags = [...registry.store.tags(REPO), 'nested/folder']
  registry.options.intercept = ({ path }) =>
    path.endsWith('/tags/list') ? { status: 200, body: { name: REPO, tags } } : undefined
  const run = await runEngine(registry, { image: `${REPO}:debug-42` })

  expect(run.result).toBe('refused')
  expect(run.problems).toContain(`the tag list of ${REPO} has 1 entry that is not a tag: "nested/folder".`)
  expect(run.problems).toContain('with the tools of the registry, and run again')
  expect(run.problems).not.toContain('Artifactory')
})
