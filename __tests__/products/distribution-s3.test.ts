/** distribution on an object store: tags that dangle after their DELETE (2.8.2 on S3), and a store that is down. */
import { describe, expect, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import type { MemoryOptions, MemoryRegistry } from '../support/memory-registry.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene, type ReferenceScene } from '../support/scene.js'
import { served } from '../safety/wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42`, 'shared-blobs': 'keep' }
const keyOf = (tag: string): string =>
  `docker/registry/v2/repositories/${REPO}/_manifests/tags/${tag}/current/link`

interface Scene extends ReferenceScene {
  readonly registry: MemoryRegistry
}

async function sceneWith(options: MemoryOptions): Promise<Scene> {
  const registry = await registryWith(options)
  return { ...referenceScene(registry.store), registry }
}

describe('a tag that stays listed after the DELETE of its manifest', () => {
  /** `debug-42` stays listed, and `debug-43`, which goes as well, shows that the list is up to date. */
  async function purged(): Promise<{ scene: Scene; run: EngineRun }> {
    const scene = await sceneWith({ dialect: '2.8', manifestDeleteKeepsTags: true })
    const second = ociImage('second')
    pushImage(scene.registry.store, REPO, second, 'debug-43')
    scene.registry.options.after = ({ method, path }, store) => {
      if (method === 'DELETE' && path.endsWith(second.digest)) store.untag(REPO, 'debug-43')
    }
    const image = `${REPO}:debug-42\n${REPO}:debug-43`
    return { scene, run: await runEngine(scene.registry, { ...IMAGE, image }) }
  }

  test('is told with the key to remove, also where everything is proven', async () => {
    const { scene, run } = await purged()
    expect([run.result, served(scene.registry, REPO, scene.gone)]).toEqual(['purged', []])
    expect(run.report.warnings).toEqual([])
    expect(run.report.repositories[0]?.warnings).toEqual([
      expect.stringMatching(/^acme\/search-indexer:debug-42 is still listed, although its manifest is gone/),
    ])
    const [warning = ''] = run.report.repositories[0]?.warnings ?? []
    expect(warning).toContain(`under its root:\n  ${keyOf('debug-42')}`)
    expect(warning).not.toContain('debug-43')
  })

  test('is not told where no purged tag stays listed', async () => {
    const scene = await sceneWith({ dialect: '2.8' })
    const run = await runEngine(scene.registry, IMAGE)
    expect([run.result, run.report.repositories[0]?.warnings]).toEqual(['purged', []])
  })

  test('is told where nothing shows that the list is up to date, with what to do', async () => {
    const scene = await sceneWith({ dialect: '2.8', manifestDeleteKeepsTags: true })
    const run = await runEngine(scene.registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('If there is no cache, the label dangles')
    expect(run.problems).toContain(`run again with the lines of the step Plan`)
    expect(run.problems).toContain(keyOf('debug-42'))
  })

  test.each(['image', 'tag'])('says what to do when it is named again, with `scope: %s`', async (scope) => {
    const { scene } = await purged()
    const run = await runEngine(scene.registry, { image: `${REPO}:debug-42`, scope })
    expect(run.result).toBe('refused')
    expect(run.report.repositories[0]?.problems).toMatchObject([{ kind: 'tag-dangles' }])
    expect(run.problems).toContain(keyOf('debug-42'))
  })
})

describe('a store that is down', () => {
  const failure = { status: 503, body: { errors: [{ code: 'UNAVAILABLE', message: 'the store is down' }] } }

  /** From the DELETE of the last blob on, the registry returns 503 for so many requests that match. */
  function failing(scene: Scene, matches: (path: string) => boolean, times = Infinity): void {
    let begun = false
    let left = times
    scene.registry.options.after = ({ method, path }) => {
      begun ||= method === 'DELETE' && path.endsWith(scene.gone.at(-1) ?? '?')
    }
    scene.registry.options.intercept = ({ method, path }) =>
      begun && method === 'GET' && matches(path) && left-- > 0 ? failure : undefined
  }

  test('is named by its responses if no round could be clean', async () => {
    const scene = await sceneWith({})
    failing(scene, (path) => path.includes('/blobs/'))
    const run = await runEngine(scene.registry, { ...IMAGE, 'verify-timeout': '20s' })
    expect(run.result).toBe('incomplete')
    const problems = run.report.repositories.flatMap((each) => each.problems)
    expect(problems.map(({ kind }) => kind)).toContain('too-few-rounds')
    for (const { text } of problems) expect(text).toContain('503 UNAVAILABLE (the store is down)')
  })

  test('is named by its responses if the list of the end could not be read', async () => {
    const scene = await sceneWith({})
    failing(scene, (path) => path.endsWith('/tags/list'))
    const run = await runEngine(scene.registry, { ...IMAGE, 'verify-timeout': '20s' })
    expect(run.result).toBe('incomplete')
    expect(run.problems).toMatch(/could not be checked at the end: .* 503 UNAVAILABLE/)
  })

  test('is named with the time if it came back too late for enough rounds', async () => {
    const scene = await sceneWith({})
    const before = { ...IMAGE, 'verify-timeout': '10s', 'verify-attempts': '100' }
    failing(scene, (path) => path.includes(`/blobs/${scene.gone.at(-1) ?? ''}`), 4)
    const run = await runEngine(scene.registry, before)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('the time was up before enough rounds in a row were clean')
    expect(run.problems).toContain('(the last failure: 503 UNAVAILABLE (the store is down))')
  })

  test('is named if `timeout` ends the run, whichever phase it is in', async () => {
    const scene = await sceneWith({
      intercept: ({ path }) =>
        path.endsWith('/tags/list') ? { ...failure, headers: { 'retry-after': '60' } } : undefined,
    })
    const run = await runEngine(scene.registry, { ...IMAGE, timeout: '90s' })
    expect(run.result).toBe('refused')
    expect(run.problems).toMatch(
      /took longer than 90s and was stopped\. 2 requests failed meanwhile, the last one: GET http:\S+\/tags\/list: 503 UNAVAILABLE/,
    )
  })
})
