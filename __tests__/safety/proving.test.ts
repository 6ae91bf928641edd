import { describe, expect, test } from '@jest/globals'
import { layer } from '../../testbed/images/content.js'
import { ociImage } from '../../testbed/images/image.js'
import { pushImage } from '../support/push.js'
import { runEngine } from '../support/engine.js'
import { deleteTwists, type RecordedRequest } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { about, realDeletes, served } from './wire.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const IMAGE = { image: `${REPO}:debug-42`, 'verify-timeout': '30s' }

describe('rule 9: gone means 404 in every round, while something else answers', () => {
  test('each purged digest is asked for in each round, on a connection of its own', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, 'verify-attempts': '4' })
    expect(run.result).toBe('purged')
    for (const digest of scene.gone) {
      const rounds = about(registry, digest).filter(
        ({ method, status, path, headers }) =>
          method === 'GET' && status === 404 && path.includes('/blobs/') && headers.range === undefined,
      )
      expect(rounds).toHaveLength(4)
      for (const { socketId } of rounds)
        expect(registry.requests.filter((each) => each.socketId === socketId)).toHaveLength(1)
    }
    expect(run.report.repositories[0]?.blobs.map(({ rounds }) => rounds)).toEqual([4, 4, 4])
  })

  test('the rounds come in another order each time', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    await runEngine(registry, { ...IMAGE, 'verify-attempts': '6', concurrency: '1' })
    const last = registry.requests.findLastIndex(({ method }) => method === 'DELETE')
    const asked = registry.requests
      .slice(last + 1)
      .filter(
        ({ path, headers }) => headers.range === undefined && scene.gone.some((each) => path.endsWith(each)),
      )
    const size = asked.length / 6
    const orders = Array.from({ length: 6 }, (_, at) =>
      asked
        .slice(at * size, (at + 1) * size)
        .map(({ path }) => path)
        .join(' '),
    )
    expect(new Set(orders).size).toBeGreaterThan(1)
  })

  test.each(['all-404', 'all-401', 'blobs-404'] as const)(
    '%s while the rounds go on is no proof, even if all was well when what stays was read',
    async (blanket) => {
      let lying = false
      const registry = await registryWith({ blanket: () => (lying ? blanket : undefined) })
      const scene = referenceScene(registry.store)
      // The DELETEs of blobs are accepted and do nothing: only the control can tell.
      registry.options.onDelete = ({ kind }) => (kind === 'blob' ? deleteTwists.lie : undefined)
      // A purged blob is first asked for when what stays has been read.
      registry.options.intercept = ({ method, path }) => {
        if (method === 'GET' && scene.gone.some((digest) => path.endsWith(`/blobs/${digest}`))) lying = true
      }
      const run = await runEngine(registry, IMAGE)
      expect(run.result).toBe('incomplete')
      expect(served(registry, REPO, scene.gone).length).toBeGreaterThan(0)
    },
  )

  test.each([401, 403, 500, 503] as const)('%s on a purged digest is not gone', async (status) => {
    const secret = layer('debug-42/secret').digest
    const registry = await registryWith({ reads: { [secret]: status } })
    referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    const blob = run.report.repositories[0]?.blobs.find(({ digest }) => digest === secret)
    expect(blob?.verdict).toBe('inconclusive')
  })

  test('410 is gone as 404 is, where the registry says it of what never existed', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    registry.options.intercept = ({ method, route }, store) => {
      const missing = route.kind === 'blob' && !store.hasBlob(REPO, route.reference)
      return method === 'GET' && missing
        ? { status: 410, body: { errors: [{ code: 'BLOB_UNKNOWN' }] } }
        : undefined
    }
    expect((await runEngine(registry, IMAGE)).result).toBe('purged')
    expect(served(registry, REPO, scene.gone)).toEqual([])
  })

  test('one round that fails makes the count start anew', async () => {
    const secret = layer('debug-42/secret').digest
    const registry = await registryWith()
    const looks = (): number =>
      about(registry, secret).filter(({ method, headers }) => method === 'GET' && headers.range === undefined)
        .length
    // The second look is asked four times, and fails each time.
    registry.options.reads = { [secret]: () => (looks() > 1 && looks() < 6 ? 503 : undefined) }
    referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, 'verify-attempts': '2' })
    expect(run.result).toBe('purged')
    expect(looks()).toBe(1 + 4 + 2)
  })

  test('an answer that proves nothing is asked for again within its round, on a connection of its own', async () => {
    const secret = layer('debug-42/secret').digest
    const registry = await registryWith()
    const looks = (): RecordedRequest[] =>
      about(registry, secret).filter(({ method, headers }) => method === 'GET' && headers.range === undefined)
    registry.options.reads = { [secret]: () => (looks().length === 2 ? 503 : undefined) }
    referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, 'verify-attempts': '2' })
    expect(run.result).toBe('purged')
    expect(looks()).toHaveLength(3)
    expect(new Set(looks().map(({ socketId }) => socketId)).size).toBe(3)
    // Whoever failed there was not asked, and that is said.
    expect(run.report.repositories[0]?.warnings.join()).toContain(
      '1 check of the proof was answered only after failures (503)',
    )
    expect(run.log.join('\n')).toContain('(1 check only after failures)')
  })

  test('a DELETE that is accepted and does nothing is found out', async () => {
    const secret = layer('debug-42/secret').digest
    const registry = await registryWith({
      onDelete: ({ reference }) => (reference === secret ? deleteTwists.lie : undefined),
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, 'verify-timeout': '5m' })
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain(`${secret} STILL ANSWERS`)
    // 1 + (3 + 4 + … + 10): the purge and eight bursts, and no DELETE more.
    expect(realDeletes(registry, [secret])).toHaveLength(1 + 52)
  })

  test('a burst that the registry puts off is none: a storm of 429 does not use them up', async () => {
    const secret = layer('debug-42/secret').digest
    const busy = { worked: false, answer: { status: 429, headers: { 'Retry-After': '2' } } }
    const registry = await registryWith({
      onDelete: ({ reference, attempt }) =>
        reference !== secret || attempt > 30 ? undefined : attempt === 1 ? deleteTwists.lie : busy,
    })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, 'verify-timeout': '10m' })
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, scene.gone)).toEqual([])
  })

  test.each([2, 3])('%i stale replicas behind a round robin are healed', async (replicas) => {
    const registry = await registryWith({ replicas })
    const scene = referenceScene(registry.store)
    const run = await runEngine(registry, { ...IMAGE, concurrency: '1' })
    expect(run.result).toBe('purged')
    expect(served(registry, REPO, scene.gone)).toEqual([])
  })

  test('before a digest is deleted again, the tags are looked at: what one needs now is left', async () => {
    const secret = layer('debug-42/secret').digest
    let stale = true
    const registry = await registryWith({
      reads: { [secret]: () => (stale ? { status: 200, body: 'stale' } : undefined) },
      after: ({ method, path }, store) => {
        if (method !== 'GET' || !path.endsWith(`/blobs/${secret}`)) return
        stale = false
        pushImage(store, REPO, ociImage('fresh', { layers: ['debug-42/secret'] }), 'fresh')
      },
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(realDeletes(registry, [secret])).toHaveLength(1)
    expect(registry.store.hasBlob(REPO, secret)).toBe(true)
  })

  test('a deletion that takes effect late is waited for', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    let looks = 0
    registry.options.reads = {
      [scene.leak.digest]: ({ status }) =>
        registry.store.hasManifest(REPO, scene.leak.digest) || looks++ > 6
          ? undefined
          : { status: status || 200 },
    }
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(looks).toBeGreaterThan(6)
  })

  test('a cut-off body is still there', async () => {
    const secret = layer('debug-42/secret').digest
    const registry = await registryWith({
      reads: { [secret]: 'cut-body' },
      onDelete: ({ reference }) => (reference === secret ? deleteTwists.lie : undefined),
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('incomplete')
    expect(run.problems).toContain('headers without content')
  })

  test('where no tag remains, the tag list is the control', async () => {
    const registry = await registryWith()
    pushImage(registry.store, REPO, ociImage('only'), 'debug-42')
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    const last = registry.requests.findLastIndex(({ method }) => method === 'DELETE')
    const lists = registry.requests.slice(last).filter(({ route }) => route.kind === 'tags')
    expect(lists.length).toBeGreaterThanOrEqual(2)
  })
})

test('rule 10: a manifest is proven on both endpoints', async () => {
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  // Its bytes were uploaded as a blob as well.
  registry.store.putBlob(REPO, scene.leak.bytes)
  const run = await runEngine(registry, IMAGE)
  expect(run.result).toBe('purged')
  expect(registry.store.hasBlob(REPO, scene.leak.digest)).toBe(false)
})

describe('what was to stay', () => {
  test('a remaining blob that was missing before is no harm of ours', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    registry.store.deleteBlob(REPO, scene.v100.layers[0]?.digest ?? '')
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(run.report.repositories[0]?.remaining).toContainEqual(
      expect.objectContaining({ tag: 'v1.0.0', verdict: 'broken-before' }),
    )
  })

  test('a remaining tag that lacks what this run deleted makes the step red', async () => {
    const registry = await registryWith()
    const scene = referenceScene(registry.store)
    const secret = layer('debug-42/secret').digest
    registry.options.after = ({ method, path }, store) => {
      // After the last look, and so beyond what any client can prevent.
      if (method === 'DELETE' && path.endsWith(secret)) pushImageWithout(store, secret)
    }
    const pushImageWithout = (store: typeof registry.store, without: string): void => {
      pushImage(store, REPO, ociImage('late', { layers: ['debug-42/secret'] }), 'late')
      store.deleteBlob(REPO, without)
    }
    const run = await runEngine(registry, IMAGE)
    expect(scene.gone).toContain(secret)
    expect(run.result).toBe('incomplete')
    expect(run.report.repositories[0]?.remaining).toContainEqual(
      expect.objectContaining({ tag: 'late', verdict: 'broken' }),
    )
  })

  test('a tag that somebody else moves to an image that pulls is a warning', async () => {
    const registry = await registryWith({
      after: ({ method, path }, store) => {
        if (method === 'DELETE' && path.endsWith('debug-42'))
          pushImage(store, REPO, ociImage('moved'), 'v1.0.0')
      },
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, IMAGE)
    expect(run.result).toBe('purged')
    expect(run.report.repositories[0]?.remaining).toContainEqual(
      expect.objectContaining({ tag: 'v1.0.0', verdict: 'moved' }),
    )
  })
})

test('rule 13: a run that is stopped says what was done and what is left, and begins nothing new', async () => {
  const stop = new AbortController()
  const registry = await registryWith()
  const scene = referenceScene(registry.store)
  registry.options.after = ({ method, path }) => {
    if (method === 'DELETE' && scene.gone.some((digest) => path.endsWith(`/blobs/${digest}`))) stop.abort()
  }
  const run = await runEngine(registry, { ...IMAGE, concurrency: '1' }, { stop: stop.signal })
  expect(run.result).toBe('cancelled')
  const [entry] = run.report.repositories
  expect(entry?.tags[0]?.outcome).toBe('deleted')
  expect(entry?.manifests[0]?.outcome).toBe('deleted')
  expect(entry?.blobs.map(({ outcome }) => outcome).sort()).toEqual(['deleted', 'planned', 'planned'])
  const blobs = scene.gone.filter((digest) => digest !== scene.leak.digest)
  expect(realDeletes(registry, blobs)).toHaveLength(1)
})
