/** The action as it is shipped, over HTTP, against registries, storages and token services that mean harm. */
import { expect, test } from '@jest/globals'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectFolder, temporaryFolder } from '../../testbed/project.js'
import { runAction } from '../../testbed/run/runner.js'
import { startMemoryRegistry } from '../support/memory-registry.js'
import { startCanary, type Canary } from './canaries.js'
import { fuzzScene, type Scene } from './content.js'
import { startFront } from './front.js'
import { wrongWithRun } from './judge.js'
import type { Fillings } from './places.js'
import { wrongWithStore } from './safety.js'
import { scenarioOf, type Scenario } from './scenario.js'
import { ONLY, RUNS, SEED } from './seeds.js'
import { wireTexts } from './wire-texts.js'
import { Wrongs } from './wrongs.js'

const AT_ONCE = 4
const WATCH = pathToFileURL(join(projectFolder, '__tests__', 'fuzz', 'watch.js')).href
const LIMITS = { 'verify-attempts': '1', 'verify-interval': '0s', 'verify-timeout': '2s', timeout: '6s' }

interface Done {
  readonly wrong: readonly string[]
  readonly result: string
  readonly lies: number
  readonly tokens: number
  readonly ms: number
  readonly peak: number
}

/** One run from its seed to its verdict. */
async function play(scenario: Scenario): Promise<Done> {
  const { password } = scenario
  const basic = Buffer.from(`bob:${password}`).toString('base64')
  const registry = await startMemoryRegistry({ users: { bob: password } })
  const hosts = { self: '', canary: '', realm: '' }
  const fill = (authorization = ''): Fillings => ({ ...hosts, password, authorization })
  const canary = await startCanary(
    { status: 404, headers: [], body: Buffer.from('{}') },
    scenario.canary,
    fill,
  )
  const scene = fuzzScene(registry.store, scenario.oddities)
  const token = { status: 200, headers: [], body: Buffer.from(tokensOf(scenario, scene)) }
  const realm = await startCanary(token, scenario.realm, fill)
  const { twists, bearer } = scenario
  const front = await startFront({ behind: registry.host, basic: `Basic ${basic}`, bearer, twists, fill })
  Object.assign(hosts, { self: front.host, canary: canary.host, realm: realm.host })
  const folder = await temporaryFolder('fuzz')
  try {
    const before = registry.store.snapshot()
    const named = `${scene.repo}:debug-42${scenario.pinned ? `@${scene.leak.digest}` : ''}`
    const odd = scenario.namesOdd ? scene.odd.map((tag) => `${scene.repo}:${tag}`) : []
    const run = await runAction({
      inputs: {
        registry: `http://${front.host}`,
        image: [named, ...odd].join('\n'),
        username: 'bob',
        password,
        'protected-tags': [...scene.needed.keys()].join('\n'),
        ...LIMITS,
        ...scenario.inputs,
      },
      env: {
        NODE_OPTIONS: `--import=${WATCH}`,
        FUZZ_WATCH: join(folder, 'watched.json'),
        ...(scenario.debug && { RUNNER_DEBUG: '1' }),
      },
      folder,
      timeoutMs: 60_000,
    })
    const watched = watchedIn(folder)
    const wire = wireTexts(front.lies, scenario)
    const seen = { run, password, basic, wire, watched, hosts: Object.values(hosts) }
    const known = { scenario, scene, store: registry.store, before, run, lies: front.lies }
    return {
      wrong: [...wrongWithRun(seen), ...wrongWithStore(known), ...wrongWithCanary(canary, password, basic)],
      result: run.outputs['result'] ?? 'none',
      lies: front.lies.length,
      tokens: realm.requests.length,
      ms: run.ms,
      peak: watched.peak,
    }
  } finally {
    await Promise.all([registry, front, canary, realm].map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a token service answers; some of it is a name that the run has to tell. */
function tokensOf({ token }: Scenario, { leak, latest }: Scene): string {
  const hex = leak.digest.slice('sha256:'.length)
  const names: Readonly<Record<string, string>> = {
    digest: leak.digest,
    hex,
    part: hex.slice(0, 12),
    other: latest.layers[0]?.digest ?? '',
  }
  return JSON.stringify(token).replace(/\{(digest|hex|part|other)\}/g, (_, name: string) => names[name] ?? '')
}

function watchedIn(folder: string): { places: string[]; peak: number } {
  try {
    return JSON.parse(readFileSync(join(folder, 'watched.json'), 'utf8')) as {
      places: string[]
      peak: number
    }
  } catch {
    // It was killed, which is seen anyway.
    return { places: [], peak: 0 }
  }
}

/** Where a redirect leads, credentials never go; and to another host a page link leads nobody. */
function wrongWithCanary({ requests }: Canary, password: string, basic: string): string[] {
  return requests.flatMap(({ method, url, headers, body }) => {
    const brought = JSON.stringify([Object.entries(headers).filter(([name]) => name !== 'host'), body])
    const secret =
      headers.authorization ?? (brought.includes(basic) || brought.includes(password) ? brought : undefined)
    return [
      ...(secret === undefined ? [] : [`credentials went away: ${method} ${url} ${secret}`]),
      ...(url.startsWith('/page-link') ? [`a page was asked of another host: ${method} ${url}`] : []),
    ]
  })
}

const numbers = ONLY ?? Array.from({ length: RUNS }, (_, at) => at)

test(
  `${numbers.length} runs against hostile registries end in time, say nothing that acts, and break nothing`,
  async () => {
    const wrongs = new Wrongs()
    const all: Done[] = []
    const waiting = [...numbers]
    const started = Date.now()
    const worker = async (): Promise<void> => {
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        const done = await play(scenarioOf(SEED + number))
        all.push(done)
        wrongs.add(number, done.wrong)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    process.stdout.write(`${summary(all, Date.now() - started)}, seed ${SEED}\n`)
    expect(wrongs.all).toEqual([])
    expect(all.length).toBe(numbers.length)
  },
  60_000 + numbers.length * 10_000,
)

function summary(all: readonly Done[], ms: number): string {
  const results = new Map<string, number>()
  for (const { result } of all) results.set(result, (results.get(result) ?? 0) + 1)
  const most = (values: readonly number[]): number => Math.max(0, ...values)
  return [
    `${all.length} runs in ${(ms / 1000).toFixed(0)} s`,
    [...results].map(([result, times]) => `${times} ${result}`).join(', '),
    `${all.filter(({ lies }) => lies > 0).length} of them lied to`,
    `${all.filter(({ tokens }) => tokens > 0).length} asked for a token`,
    `the longest ${most(all.map((done) => done.ms))} ms`,
    `the largest ${most(all.map(({ peak }) => peak)) >> 10} MiB`,
  ].join('; ')
}
