import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readInputs } from '../src/config/inputs.js'
import { run, type StopReason } from '../src/engine.js'
import { JournalError, type Journal, type Result } from '../src/plan/journal.js'
import type { Problem } from '../src/plan/problem.js'
import { unseen } from '../src/registry/progress.js'
import { Secrets } from '../src/registry/secrets/secrets.js'
import { FakeClock } from './support/clock.js'
import type { MemoryRegistry } from './support/memory-registry.js'
import { SeededRandom } from './support/random.js'
import { useRegistries } from './support/registries.js'
import { referenceScene } from './support/scene.js'

const registryWith = useRegistries()
const STARTED = Date.UTC(2026, 5, 1)
const folder = mkdtempSync(join(tmpdir(), 'registry-purge-engine-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let registry: MemoryRegistry
let stop: AbortController
let kill: AbortController
beforeEach(async () => {
  registry = await registryWith()
  referenceScene(registry.store)
  ;[stop, kill] = [new AbortController(), new AbortController()]
})

/** How a run ended, for its caller and for its journal. */
interface Ended {
  readonly result: Result
  readonly problems: readonly Problem[]
  /** The results of the whole run that the journal was told. */
  readonly told: readonly Result[]
}

/** Runs the engine with a journal whose methods do nothing, except these. */
async function runWith(
  journal: Partial<Journal>,
  { docker = folder, wrote = false }: { docker?: string; wrote?: boolean } = {},
): Promise<Ended> {
  const inputs = { registry: registry.url, image: 'acme/search-indexer:debug-42', timeout: '90m' }
  const { settings } = readInputs(new Map(Object.entries(inputs)), STARTED)
  if (settings === undefined) throw new Error('the inputs are wrong')
  const problems: Problem[] = []
  const told: Result[] = []
  const whole = {
    problem: (problem: Problem) => void problems.push(problem),
    ended: (result: Result, repository?: string) => void (repository === undefined && told.push(result)),
    wrote,
    ...journal,
  }
  const quiet = new Proxy(whole as Journal, {
    get: (target, name) => (Reflect.get(target, name) as unknown) ?? (() => undefined),
  })
  const surroundings = {
    clock: new FakeClock({ start: STARTED, busy: () => registry.inFlight() > 0 }),
    random: new SeededRandom(1),
    secrets: new Secrets(),
    docker: { folder: docker, environment: {} },
    proxy: {},
    progress: unseen,
    stop: stop.signal,
    kill: kill.signal,
  }
  return { result: await run(settings, surroundings, quiet), problems, told }
}

/** Stops the run at its first request, and what is in flight as well. */
function stopAtOnce(reason: StopReason): void {
  registry.options.intercept = () => {
    stop.abort(reason)
    kill.abort()
    return 'hang'
  }
}

const fails = (error: unknown) => ({
  expect: () => {
    throw error
  },
})

describe('a run that fails', () => {
  test.each([
    ['is refused if nothing was sent', false, 'refused'],
    ['is incomplete if a request that changes state was sent', true, 'incomplete'],
  ] as const)('%s', async (_, wrote, result) => {
    const ended = await runWith(fails(new Error('oh')), { wrote })
    expect([ended.result, ended.told]).toEqual([result, [result]])
  })

  test.each([
    ['is refused if nothing was sent', false, 'refused'],
    ['is incomplete if a request that changes state was sent', true, 'incomplete'],
  ] as const)('because its time is up %s', async (_, wrote, result) => {
    stopAtOnce('timeout')
    const ended = await runWith({}, { wrote })
    expect(ended).toEqual({ result, problems: [{ kind: 'timeout', limit: '90m' }], told: [result] })
  })

  test.each([false, true])('because it was cancelled is cancelled, whether it wrote (%s)', async (wrote) => {
    stopAtOnce('cancelled')
    const ended = await runWith({}, { wrote })
    expect(ended).toEqual({ result: 'cancelled', problems: [{ kind: 'cancelled' }], told: ['cancelled'] })
  })

  test('because the registry does not respond names the request', async () => {
    registry.options.intercept = () => 'reset'
    const { result, problems } = await runWith({})
    expect([result, problems]).toEqual([
      'refused',
      [{ kind: 'no-response', message: expect.stringContaining(`GET ${registry.url}/`) }],
    ])
  })

  test('because the Docker config is broken sends nothing', async () => {
    const broken = mkdtempSync(join(folder, 'broken-'))
    writeFileSync(join(broken, 'config.json'), '{')
    const { result, problems } = await runWith({}, { docker: broken })
    expect(result).toBe('refused')
    expect(problems).toEqual([{ kind: 'credentials', why: expect.stringContaining('Log in again') }])
    expect(registry.requests).toEqual([])
  })

  test('because the report cannot be written sends nothing', async () => {
    const save = (): never => {
      throw new JournalError('ENOSPC', {})
    }
    const { result, problems } = await runWith({ save })
    expect([result, problems]).toEqual(['refused', [{ kind: 'report-file', code: 'ENOSPC' }]])
    expect(registry.requests).toEqual([])
  })

  test.each([
    [new TypeError('x is not a function'), 'TypeError: x is not a function'],
    ['a text', 'an unknown failure'],
  ])('by a defect names it: %s', async (thrown, error) => {
    expect((await runWith(fails(thrown))).problems).toEqual([{ kind: 'defect', error }])
  })

  test('after it was stopped says that it was stopped, whatever failed then', async () => {
    stop.abort('timeout')
    const { problems } = await runWith(fails(new Error('oh')))
    expect(problems).toEqual([{ kind: 'timeout', limit: '90m' }])
  })

  test('ends the step that is open', async () => {
    let closed = 0
    await runWith({ ...fails(new Error('oh')), close: () => void closed++ })
    expect(closed).toBe(1)
  })
})

test('a run that ends by itself tells the journal its result, and no problem', async () => {
  expect(await runWith({})).toEqual({ result: 'purged', problems: [], told: ['purged'] })
})
