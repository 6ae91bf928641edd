import { describe, expect, test } from '@jest/globals'
import { artifact } from '../../testbed/images/artifacts.js'
import { content } from '../../testbed/images/content.js'
import { layersOf, OCI, withManifest, type Image } from '../../testbed/images/image.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import type { MemoryRegistry } from '../support/memory-registry.js'

const registryWith = useRegistries()
const REPO = 'charts/app'
const WIDE = { repositories: REPO, tags: '*', 'older-than': '0s' }

/** The charts 1.2.3+build and 1.2.4, as `helm push` stores them. */
async function withCharts(): Promise<MemoryRegistry> {
  const registry = await registryWith()
  for (const tag of ['1.2.3_build', '1.2.4']) {
    const chart = artifact(tag, { artifactType: 'application/vnd.cncf.helm.config.v1+json' })
    pushImage(registry.store, REPO, chart, tag)
  }
  return registry
}

test.each([
  [`${REPO}:1.2.3+build`, `${REPO}:1.2.3_build`],
  [`127.0.0.1:1/${REPO}:1.2.3+a+b`, `127.0.0.1:1/${REPO}:1.2.3_a_b`],
])(
  'a version with a + is an input error that has the reference as Helm stores it: %s',
  async (image, stored) => {
    const registry = await withCharts()
    await expect(runEngine(registry, { image })).rejects.toThrow(
      `no tag can hold a +, which Helm stores as _, so the reference of such a chart is \`${stored}\``,
    )
    expect(registry.requests).toEqual([])
  },
)

test('that reference purges the chart', async () => {
  const registry = await withCharts()
  const run = await runEngine(registry, { image: `${REPO}:1.2.3_build` })
  expect([run.result, run.problems]).toEqual(['purged', ''])
  expect(registry.store.tags(REPO)).toEqual(['1.2.4'])
})

test.each(['1.2.3-build', '1.2.3.Build'])('a version that is almost there is told: %s', async (tag) => {
  const registry = await withCharts()
  const run = await runEngine(registry, { image: `${REPO}:${tag}` })
  expect(run.result).toBe('refused')
  expect(run.problems).toContain(
    `${REPO}:${tag} does not exist. Did you mean ${REPO}:1.2.3_build? Helm stores the + of a version as _. The repository has:`,
  )
})

test('a version that is not there under any such name gets no suggestion', async () => {
  const registry = await withCharts()
  const { problems } = await runEngine(registry, { image: `${REPO}:1.2.5_build` })
  expect(problems).toContain(`${REPO}:1.2.5_build does not exist. The repository has: 1.2.3_build, 1.2.4`)
})

test.each([
  ['tags', { ...WIDE, tags: '*+build' }],
  ['tags', { ...WIDE, tags: '*\n!1.2.3+*' }],
  ['protected-tags', { ...WIDE, 'protected-tags': '1.2.3+build' }],
])(
  'a glob with a + in %s could never match, and is an input error that says why: %j',
  async (input, inputs) => {
    const registry = await withCharts()
    const error: unknown = await runEngine(registry, inputs).catch((reason: unknown) => reason)
    expect(String(error)).toContain(`${input}: `)
    expect(String(error)).toMatch(/no tag can hold "\+": .*write _ in its place: Helm stores it as _$/)
    expect(registry.requests).toEqual([])
  },
)

describe('versions of a chart that share their config', () => {
  const HELM = { ...OCI, config: 'application/vnd.cncf.helm.config.v1+json' }
  const config = content('{"name":"app"}')
  const chart = (layers: string[], built: string): Image =>
    withManifest(HELM, config, layersOf(built, { layers }), { annotations: { built } })
  const LEAK = { image: `${REPO}:1.2.3` }

  test('are not aliases: another version has other layers', async () => {
    const registry = await registryWith()
    const kept = chart(['1.2.4'], 'b')
    pushImage(registry.store, REPO, chart(['1.2.3'], 'a'), '1.2.3')
    pushImage(registry.store, REPO, kept, '1.2.4')
    const run = await runEngine(registry, LEAK)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(registry.store.resolve(REPO, '1.2.4')).toBe(kept.digest)
    expect(registry.store.hasBlob(REPO, config.digest)).toBe(true)
    expect(run.report.repositories[0]?.kept.map(({ digest }) => digest)).toEqual([config.digest])
  })

  test('are aliases if the layers are the same', async () => {
    const registry = await registryWith()
    pushImage(registry.store, REPO, chart(['1.2.3'], 'a'), '1.2.3')
    pushImage(registry.store, REPO, chart(['1.2.3'], 'b'), 'copy')
    const run = await runEngine(registry, LEAK)
    expect(run.result).toBe('refused')
    expect(run.problems).toContain(`${REPO}:copy`)
    expect(registry.store.tags(REPO)).toEqual(['1.2.3', 'copy'])
  })
})
