import { expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { push } from '../../../testbed/images/push.js'
import { expectGone, expectPulls, statusOf } from '../support/registry-state.js'
import { startBalancer, type Hook, type Seen } from '../support/round-robin.js'
import { imageOf } from '../support/scenes.js'
import { expectResult, lines, onRegistry, purge, type RegistryServer, type Run } from '../support/support.js'

const name = 'acme/label'
const leak = imageOf('base', 'secret')
const keep = imageOf('base', 'app')
const clean = imageOf('clean')

type Request = Pick<Seen, 'method' | 'path'>
const isPut = ({ method, path }: Request): boolean => method === 'PUT' && path.includes('/manifests/')
const isDelete = ({ method, path }: Request): boolean =>
  method === 'DELETE' && path.includes('/manifests/sha256:')

/** The DELETE of the placeholder: it comes after a PUT, and the probe before it. */
function afterPut(hook: Hook, which: (request: Request) => boolean = isDelete): Hook {
  let put = false
  return (request, index) => {
    put ||= isPut(request)
    return put && which(request) ? hook(request, index) : undefined
  }
}

/** At this reading of a tag: survey, before the first write, immediately before the placeholder. */
function atReading(tag: string, time: number, hook: Hook): Hook {
  let times = 0
  return (request, index) => {
    const reads = request.method === 'GET' && request.path.endsWith(`/manifests/${tag}`)
    return reads && ++times === time ? hook(request, index) : undefined
  }
}

const both =
  (...hooks: Hook[]): Hook =>
  async (request, index) => {
    for (const hook of hooks) {
      const answer: unknown = await hook(request, index)
      if (answer !== undefined) return answer
    }
    return undefined
  }

const refusing =
  (reply: number, code: string): Hook =>
  // To be tried again at once: how long a client waits is no matter here.
  () => ({ reply, body: { errors: [{ code, message: 'no' }] }, headers: { 'retry-after': '0' } })

const placeholderOf = (run: Run): string => /a placeholder \((sha256:\w{64})\)/.exec(run.log)?.[1] ?? 'none'

async function pushAll(registry: RegistryServer): Promise<void> {
  await push(registry, name, keep, 'keep')
  await push(registry, name, leak, 'leak')
  await push(registry, name, leak, 'alias')
}

const inputs = { image: `${name}:leak`, scope: 'tag', 'verify-timeout': '1s' }
/** Two labels go, the one after the other. */
const two = { ...inputs, image: lines(`${name}:alias`, `${name}:leak`) }

/** A cancellation while the placeholder takes its turn. */
const cancelled = {
  signalWhen: (line: string): NodeJS.Signals | undefined =>
    line.includes('a placeholder (') ? 'SIGINT' : undefined,
}

/** Whoever reads log and report knows that the label may stand on the placeholder, and where it stood. */
function expectNotSilent(run: Run): void {
  const [entry] = run.report.repositories
  expect(entry.tags).toMatchObject([{ tag: 'leak', outcome: 'unknown', via: 'placeholder' }])
  for (const text of [entry.tags[0].reason as string, run.log]) {
    expect(text).toContain(`the placeholder ${placeholderOf(run)}`)
    expect(text).toContain(leak.digest)
  }
}

onRegistry('2.8.2', (start) => {
  test.each([
    ['405', refusing(405, 'UNSUPPORTED')],
    ['500', refusing(500, 'UNKNOWN')],
  ])('a placeholder whose DELETE is always answered with %s: the label is put back', async (status, hook) => {
    const registry = await start()
    await pushAll(registry)
    const balancer = await startBalancer([registry], afterPut(hook))
    const run = await purge(balancer, two)

    expectResult(run, 'incomplete')
    await expectPulls(registry, name, { keep: keep.digest, leak: leak.digest, alias: leak.digest })
    const [entry] = run.report.repositories
    expect(entry.tags).toMatchObject(
      ['alias', 'leak'].map((tag) => ({ tag, outcome: 'failed', via: 'placeholder' })),
    )
    expect(run.errors).toMatch(new RegExp(`${name}:leak was not removed: .*${status}.*put back`))
    expect(run.summary).toMatch(/^## .*NOT PROVEN: 0 of 2 labels removed/)
  })

  test('a push to the tag at the last look is left alone, and nothing is written', async () => {
    const registry = await start()
    await pushAll(registry)
    const balancer = await startBalancer(
      [registry],
      atReading('leak', 3, () => push(registry, name, clean, 'leak').then(() => undefined)),
    )
    const run = await purge(balancer, inputs)
    expectResult(run, 'refused')
    expect(run.errors).toContain(
      `leak was kept: somebody else pushed ${clean.digest}, to which it points now`,
    )
    expect(balancer.seen.filter(isPut)).toEqual([])
    await expectPulls(registry, name, { leak: clean.digest, alias: leak.digest, keep: keep.digest })
  })

  test('a push to the second tag, when the first one has its placeholder, is left alone', async () => {
    const registry = await start()
    await pushAll(registry)
    const balancer = await startBalancer(
      [registry],
      atReading('leak', 3, () => push(registry, name, clean, 'leak').then(() => undefined)),
    )
    const run = await purge(balancer, two)
    expectResult(run, 'incomplete')
    await expectGone(registry, name, { tags: ['alias'] })
    await expectPulls(registry, name, {
      leak: clean.digest,
      keep: keep.digest,
      [leak.digest]: leak.digest,
    })
    expect(run.report.repositories[0].tags).toMatchObject([
      { tag: 'alias', outcome: 'deleted' },
      { tag: 'leak', outcome: 'kept' },
    ])
  })

  test('a push to the tag when the placeholder stands on it is left alone, and is no success', async () => {
    const registry = await start()
    await pushAll(registry)
    let pushed: Promise<undefined> | undefined
    const balancer = await startBalancer(
      [registry],
      afterPut(() => (pushed ??= push(registry, name, clean, 'leak').then(() => undefined))),
    )
    const run = await purge(balancer, inputs)
    expectResult(run, 'incomplete')
    expect(run.errors).toContain(`${name}:leak`)
    expect(run.errors).toContain(clean.digest)
    await expectPulls(registry, name, {
      leak: clean.digest,
      alias: leak.digest,
      keep: keep.digest,
      [leak.digest]: leak.digest,
    })
    await expectGone(registry, name, { manifests: [placeholderOf(run)] })
  })

  test('where an empty index is refused an image without content takes its place, and leaves no blob', async () => {
    const registry = await start()
    await pushAll(registry)
    let puts = 0
    const balancer = await startBalancer([registry], (request, index) =>
      isPut(request) && ++puts === 1 ? refusing(400, 'MANIFEST_INVALID')(request, index) : undefined,
    )
    const run = await purge(balancer, two)

    expectResult(run, 'purged')
    expect(run.log).toMatch(/refuses an empty index \(400 MANIFEST_INVALID/)
    await expectGone(registry, name, { tags: ['leak', 'alias'] })
    await expectPulls(registry, name, { keep: keep.digest, [leak.digest]: leak.digest })
    const uploaded = balancer.seen.flatMap(({ method, path }) =>
      method === 'PUT' ? (/digest=(sha256(?::|%3A)\w{64})/.exec(path)?.slice(1) ?? []) : [],
    )
    const blobs = uploaded.map((digest) => decodeURIComponent(digest))
    expect(new Set(blobs).size).toBe(2)
    const [, image = ''] = /an image without content is used, (sha256:\w{64})/.exec(run.log) ?? []
    await expectGone(registry, name, { manifests: [image, placeholderOf(run)], blobs })
  })

  test('a blob of a placeholder that cannot be removed again is named', async () => {
    const registry = await start()
    await pushAll(registry)
    let puts = 0
    const balancer = await startBalancer(
      [registry],
      both(
        (request, index) =>
          isPut(request) && ++puts === 1 ? refusing(400, 'MANIFEST_INVALID')(request, index) : undefined,
        afterPut(refusing(405, 'UNSUPPORTED'), ({ method, path }) =>
          Boolean(method === 'DELETE' && path.includes('/blobs/')),
        ),
      ),
    )
    const run = await purge(balancer, inputs)
    expectResult(run, 'purged')
    await expectGone(registry, name, { tags: ['leak'] })
    await expectPulls(registry, name, { alias: leak.digest, [leak.digest]: leak.digest })
    expect(run.report.repositories[0].warnings.join('\n')).toMatch(
      /a part of the placeholder that holds nothing, was not removed again: 405/,
    )
  })

  test('a cancellation when the placeholder is put brings that label to its end, and begins no other', async () => {
    const registry = await start()
    await pushAll(registry)
    const slow: Hook = () => sleep(700, undefined)
    const balancer = await startBalancer([registry], atReading('alias', 3, slow))
    const run = await purge(balancer, two, cancelled)

    expectResult(run, 'cancelled')
    expect(run.msAfterSignal).toBeLessThan(7_000)
    await expectGone(registry, name, { tags: ['alias'], manifests: [placeholderOf(run)] })
    await expectPulls(registry, name, { leak: leak.digest, keep: keep.digest })
    expect(run.report.repositories[0].tags).toMatchObject([
      { tag: 'alias', outcome: 'deleted', via: 'placeholder' },
      { tag: 'leak', outcome: 'planned', via: null },
    ])
    expect(run.summary).toMatch(/^## .*Cancelled: 1 of 2 labels removed/)
  })

  test.each([
    ['its DELETE does not answer', isDelete],
    [
      'the look after its PUT does not answer',
      ({ method, path }: Request) => method === 'GET' && path.endsWith('/manifests/leak'),
    ],
  ])('a cancelled run says so where the label may stand on the placeholder, since %s', async (_, hanging) => {
    const registry = await start()
    await pushAll(registry)
    const slow: Hook = () => sleep(700, undefined)
    const never: Hook = () => sleep(20_000, undefined, { ref: false })
    const balancer = await startBalancer(
      [registry],
      both(atReading('leak', 3, slow), afterPut(never, hanging)),
    )
    const run = await purge(balancer, inputs, cancelled)

    expectResult(run, 'cancelled')
    expect(run.msAfterSignal).toBeLessThan(7_000)
    expect(await statusOf(registry, name, { tags: ['leak'] })).toEqual({ 'manifests/leak': 200 })
    expectNotSilent(run)
    // A later run takes the label from where it stands now, and what it stood on before stays.
    const again = await purge(registry, { ...inputs, image: `${name}:leak` })
    expectResult(again, 'purged')
    await expectGone(registry, name, { tags: ['leak'] })
    await expectPulls(registry, name, { alias: leak.digest, keep: keep.digest })
  })
})
