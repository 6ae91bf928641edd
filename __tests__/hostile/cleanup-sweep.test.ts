/** For every so-many-th request of a cleanup in which some tags go whole and others lose their label: something happens. */
import { expect, jest, test } from '@jest/globals'
import { ociImage, type Image } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { chosen } from '../flow/cleanup/scene.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { startMemoryRegistry, type MemoryStore } from '../support/memory-registry.js'

jest.setTimeout(1_200_000)
const REPO = 'acme/app'
/** All requests: SWEEP_STEP=1. */
const STEP = Number(process.env['SWEEP_STEP'] ?? 9)

const x = ociImage('x', { layers: ['base', 'x'] })
const y = ociImage('y', { layers: ['base', 'y'] })
const index = ociIndex([x, y])
const own = ociImage('own', { layers: ['base', 'own'] })
const shared = ociImage('shared', { layers: ['base', 'shared'] })
const latest = ociImage('latest', { layers: ['base', 'app'] })
const clean = ociImage('clean')

const before: Readonly<Record<string, Image>> = {
  'debug-index': index,
  'debug-own': own,
  'debug-own-2': own,
  'debug-shared': shared,
  stable: shared,
  latest,
}

/** What happens, and the tags that it touches. */
const ACTS: Readonly<Record<string, readonly [(store: MemoryStore) => void, readonly string[]]>> = {
  'a new tag needs a layer': [
    (store) => void pushImage(store, REPO, ociImage('f', { layers: ['own'] }), 'fresh'),
    ['fresh'],
  ],
  'a new tag lists a child': [
    (store) => void pushImage(store, REPO, ociIndex([x, clean]), 'fresh'),
    ['fresh'],
  ],
  'a new tag is on an image that goes': [(store) => void pushImage(store, REPO, own, 'fresh'), ['fresh']],
  'a new debug tag comes': [(store) => void pushImage(store, REPO, clean, 'debug-new'), ['debug-new']],
  'a selected tag moves': [(store) => void pushImage(store, REPO, clean, 'debug-own'), ['debug-own']],
  'a tag moves that loses its label': [
    (store) => void pushImage(store, REPO, clean, 'debug-shared'),
    ['debug-shared'],
  ],
  'the alias is taken away': [(store) => void store.untag(REPO, 'stable'), ['stable']],
  'the alias moves to an image that goes': [
    (store) => void pushImage(store, REPO, index, 'stable'),
    ['stable'],
  ],
  'latest moves to a layer that goes': [
    (store) => void pushImage(store, REPO, ociImage('l', { layers: ['x'] }), 'latest'),
    ['latest'],
  ],
}

const contentOf = (image: Image): string[] => [
  image.digest,
  ...(image.config === undefined ? [] : [image.config.digest]),
  ...image.layers.map(({ digest }) => digest),
  ...image.children.flatMap(contentOf),
]

/** Whether a tag pulls to its last blob. */
function pulls(store: MemoryStore, tag: string): boolean {
  const all = [x, y, index, own, shared, latest, clean, ociIndex([x, clean])]
  const more = [ociImage('f', { layers: ['own'] }), ociImage('l', { layers: ['x'] })]
  const digest = store.resolve(REPO, tag)
  const image = [...all, ...more].find((each) => each.digest === digest)
  return (
    image !== undefined &&
    contentOf(image).every((each) => store.hasManifest(REPO, each) || store.hasBlob(REPO, each))
  )
}

async function cleanUp(
  dialect: '3.1' | '2.8',
  at: number,
  act: (store: MemoryStore) => void,
): Promise<{ run: EngineRun; store: MemoryStore; requests: number; acted: boolean; late: boolean }> {
  let acted = false
  const registry = await startMemoryRegistry({
    dialect,
    intercept: (_, store) => {
      if (acted || registry.requests.length <= at) return
      acted = true
      act(store)
    },
  })
  try {
    for (const [tag, image] of Object.entries(before)) pushImage(registry.store, REPO, image, tag)
    const inputs = { repositories: REPO, tags: 'debug-*', 'older-than': '0s', 'verify-interval': '0s' }
    const run = await runEngine(registry, { ...inputs, 'verify-timeout': '5s' })
    // What is pushed after the last look, no client can see.
    const late = at > registry.requests.findLastIndex(({ url }) => url.endsWith('/tags/list'))
    return { run, store: registry.store, requests: registry.requests.length, acted, late }
  } finally {
    await registry.stop()
  }
}

test.each(['3.1', '2.8'] as const)(
  '%s: a green run is true, and what nobody touched is whole',
  async (dialect) => {
    const results: Record<string, number> = {}
    for (const [name, [act, touched]] of Object.entries(ACTS)) {
      const { requests } = await cleanUp(dialect, Infinity, act)
      for (let at = 0; at < requests; at += STEP) {
        const { run, store, acted, late } = await cleanUp(dialect, at, act)
        const where = `${name}, before request ${at} of ${requests}: ${run.result}\n${run.log.join('\n')}`
        results[run.result] = (results[run.result] ?? 0) + 1
        const broken = (tag: string): string => (pulls(store, tag) ? '' : `${tag} is broken or gone`)
        for (const tag of ['stable', 'latest'])
          if (!touched.includes(tag)) expect([broken(tag), where]).toEqual(['', where])
        // Its label was all that was to go.
        if (chosen(run).labels.includes('debug-shared'))
          expect([
            contentOf(shared).every((each) => store.hasManifest(REPO, each) || store.hasBlob(REPO, each)),
            where,
          ]).toEqual([true, where])
        if (run.result !== 'purged' || late) continue
        for (const tag of store.tags(REPO)) expect([broken(tag), where]).toEqual(['', where])
        const going = Object.keys(before).filter(
          (tag) => tag.startsWith('debug-') && !(acted && touched.includes(tag)),
        )
        for (const tag of going)
          expect([tag, store.resolve(REPO, tag), where]).toEqual([tag, undefined, where])
        const proven = run.report.repositories.flatMap(({ manifests, blobs }) => [...manifests, ...blobs])
        for (const { digest, verdict } of proven)
          expect([verdict, store.hasManifest(REPO, digest) || store.hasBlob(REPO, digest), where]).toEqual([
            'gone',
            false,
            where,
          ])
      }
    }
    console.log(JSON.stringify(results))
    expect(results['purged']).toBeGreaterThan(5)
  },
)
