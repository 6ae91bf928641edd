/** For every request of a reference purge: something happens in front of it (or right after it). */
import { expect, test, jest } from '@jest/globals'
import { layer } from '../../testbed/images/content.js'
import { ociImage, type Image } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { pushImage } from '../support/push.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import {
  startMemoryRegistry,
  type MemoryOptions,
  type MemoryRegistry,
  type MemoryStore,
} from '../support/memory-registry.js'

jest.setTimeout(1_200_000)
const REPO = 'acme/app'
/** Every so-many-th request. All of them take minutes: SWEEP_STEP=1, and SWEEP=3.1,2.8,zot for the other dialects. */
const STEP = Number(process.env['SWEEP_STEP'] ?? 7)

const x1 = ociImage('x1', { layers: ['base', 'secret'] })
const x2 = ociImage('x2', { layers: ['base', 'x2'] })
const x3 = ociImage('x3', { layers: ['base', 'x3'] })
const leak = ociIndex([x1, x2, ociIndex([x3])])
const keep = ociIndex([x2, ociImage('y')])
const latest = ociImage('latest', { layers: ['base', 'app'] })

function scene(store: MemoryStore): void {
  pushImage(store, REPO, leak, 'debug')
  pushImage(store, REPO, keep, 'keep')
  pushImage(store, REPO, latest, 'latest')
  pushImage(store, REPO, latest, 'stable')
}

type Act = (store: MemoryStore) => { tags: string[] } | void
const ACTS: Record<string, Act> = {
  'new tag with own layer': (s) => (
    pushImage(s, REPO, ociImage('f', { layers: ['secret', 'f'] }), 'fresh'),
    { tags: ['fresh'] }
  ),
  'new tag with child': (s) => (
    pushImage(s, REPO, ociIndex([x1, ociImage('g')]), 'fresh'),
    { tags: ['fresh'] }
  ),
  'new tag with nested child': (s) => (
    pushImage(s, REPO, ociIndex([ociIndex([x3])]), 'fresh'),
    { tags: ['fresh'] }
  ),
  alias: (s) => (pushImage(s, REPO, leak, 'fresh'), { tags: ['fresh'] }),
  'alias of child': (s) => (pushImage(s, REPO, x1, 'fresh'), { tags: ['fresh'] }),
  'same again': (s) => (pushImage(s, REPO, leak, 'debug'), { tags: [] }),
  'rebuilt with the layer': (s) => (
    pushImage(s, REPO, ociImage('rebuilt', { layers: ['secret'] }), 'debug'),
    { tags: ['debug'] }
  ),
  'rebuilt clean': (s) => (pushImage(s, REPO, ociImage('clean'), 'debug'), { tags: ['debug'] }),
  'untag latest': (s) => void s.untag(REPO, 'latest'),
  'untag latest and stable': (s) => void (s.untag(REPO, 'latest'), s.untag(REPO, 'stable')),
  'delete keep': (s) => void s.deleteManifest(REPO, keep.digest),
  'move latest to the layer': (s) => (
    pushImage(s, REPO, ociImage('m', { layers: ['secret'] }), 'latest'),
    { tags: ['latest'] }
  ),
  'move latest to the child': (s) => (pushImage(s, REPO, ociIndex([x1]), 'latest'), { tags: ['latest'] }),
  'move latest to the leak': (s) => (pushImage(s, REPO, leak, 'latest'), { tags: ['latest'] }),
  'untag keep, then push it again two requests later': (s) => void s.untag(REPO, 'keep'),
}
const json = (status: number, code: string) => ({ status, body: { errors: [{ code, message: code }] } })
const FAULTS: Record<string, unknown> = {
  500: json(500, 'UNKNOWN'),
  reset: 'reset',
  429: json(429, 'TOOMANYREQUESTS'),
  401: { ...json(401, 'UNAUTHORIZED'), headers: { 'WWW-Authenticate': 'Basic realm="x"' } },
  403: json(403, 'DENIED'),
  405: json(405, 'UNSUPPORTED'),
  '404 html': { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html>no</html>' },
  '404 manifest': json(404, 'MANIFEST_UNKNOWN'),
  '404 blob': json(404, 'BLOB_UNKNOWN'),
  '404 name': json(404, 'NAME_UNKNOWN'),
  '200 html': { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>login</html>' },
  '200 json': { status: 200, body: {} },
  '200 null list': { status: 200, body: { name: REPO, tags: null } },
  '202': { status: 202 },
  '200 empty': { status: 200 },
  '302 loop': { status: 302, headers: { Location: '/login' } },
}

/** The digests that a pull of a tag lacks. */
function lacks(store: MemoryStore, tag: string): string[] {
  const root = store.resolve(REPO, tag)
  if (root === undefined) return ['tag']
  const out: string[] = []
  const walk = (digest: string): void => {
    const m = store.manifest(REPO, digest)
    if (m === undefined) return void out.push(digest)
    const body = JSON.parse(m.bytes.toString()) as {
      manifests?: { digest: string }[]
      config?: { digest: string }
      layers?: { digest: string }[]
    }
    for (const child of body.manifests ?? []) walk(child.digest)
    for (const blob of [body.config, ...(body.layers ?? [])])
      if (blob !== undefined && !store.hasBlob(REPO, blob.digest)) out.push(blob.digest)
  }
  walk(root)
  return out
}

const lastListOf = (requests: MemoryRegistry['requests']): number =>
  requests.findLastIndex((r) => r.method === 'GET' && r.url.endsWith('/tags/list'))

const planned = [leak, x1, ociIndex([x3]), x3].map(({ digest }) => digest)
const plannedBlobs = [
  ...[x1, x3].flatMap((i: Image) => [i.config?.digest ?? '']),
  layer('secret').digest,
  layer('x3').digest,
]
async function once(
  k: number,
  when: 'before' | 'after',
  act: Act | undefined,
  fault: unknown,
  options: MemoryOptions,
  inputs: Record<string, string>,
  stopAt?: boolean,
): Promise<{ n: number; violations: string[]; run?: EngineRun }> {
  const registry = await startMemoryRegistry({ ...options })
  scene(registry.store)
  const stop = new AbortController()
  let at = -1
  let pushed: string[] = []
  let acted = -1
  let removed = new Set<string>()
  const go = (): void => {
    const before = registry.store.tags(REPO)
    pushed = act?.(registry.store)?.tags ?? []
    removed = new Set(before.filter((t) => registry.store.resolve(REPO, t) === undefined))
    acted = registry.requests.length - 1
    if (stopAt) stop.abort()
  }
  registry.options.intercept = () => {
    at++
    if (at !== k) return undefined
    if (when === 'before' && (act !== undefined || stopAt)) go()
    if (fault !== undefined) acted = registry.requests.length - 1
    return fault as never
  }
  registry.options.after = () => {
    if (at === k && when === 'after' && acted < 0 && (act !== undefined || stopAt)) go()
  }
  const violations: string[] = []
  let run: EngineRun | undefined
  try {
    run = await runEngine(
      registry,
      { image: `${REPO}:debug`, 'verify-timeout': '5s', ...inputs },
      { stop: stop.signal },
    )
  } catch (error) {
    violations.push(`C crash: ${String(error)}`)
  }
  const { store, requests } = registry
  const state = (): string => `${run?.result}`
  if (run) {
    // A: green means gone, and whole; what comes after the last list cannot be noticed, and what is kept is said.
    const lastList = requests.findLastIndex((r) => r.method === 'GET' && r.url.endsWith('/tags/list'))
    const said = new Set(run.report.repositories.flatMap((r) => r.kept.map((each) => each.digest)))
    const lists = requests.flatMap((r, i) => (r.method === 'GET' && r.url.endsWith('/tags/list') ? [i] : []))
    // Before the look in front of the first write a tag may come and go: what the survey saw of it counts, and that is its plan.
    const afterSurvey = fault !== undefined || act === undefined || acted > (lists[1] ?? 0)
    if (run.result === 'purged' && acted <= lastList && afterSurvey) {
      if (store.resolve(REPO, 'debug') !== undefined) violations.push('A green, tag resolves')
      for (const d of planned)
        if (!said.has(d) && store.hasManifest(REPO, d))
          violations.push(`A green, manifest ${d.slice(7, 15)} served`)
      for (const d of plannedBlobs)
        if (!said.has(d) && store.hasBlob(REPO, d)) violations.push(`A green, blob ${d.slice(7, 15)} served`)
      for (const tag of store.tags(REPO))
        if (lacks(store, tag).length > 0) violations.push(`A green, tag ${tag} broken`)
      for (const tag of ['keep', 'latest', 'stable'])
        if (store.resolve(REPO, tag) === undefined) violations.push(`A green, ${tag} removed`)
    }
    // B
    for (const tag of [...new Set(['keep', 'latest', 'stable', 'fresh', 'debug', ...pushed])]) {
      const own = pushed.includes(tag)
      if (tag === 'debug' && !own) continue
      if (tag === 'fresh' && !own) continue
      if (removed.has(tag)) continue
      const missing = lacks(store, tag)
      if (tag === 'debug' && acted < (lists[1] ?? 0)) continue
      for (const m of missing) {
        // the DELETE that did it
        const d = requests.findLastIndex(
          (r) =>
            r.method === 'DELETE' &&
            (r.path.endsWith(`/${m}`) ||
              (m === 'tag' && (r.path.endsWith(`/${tag}`) || planned.some((p) => r.path.endsWith(p))))),
        )
        if (d < 0) continue
        // The check before the first write reads the named tags and the new ones, as docs/decisions.md says: a known
        // tag that moves after its own read and before that look is not seen until the look in front of the blobs.
        if (tag === 'latest' && pushed.includes(tag) && acted <= (lists[1] ?? 0)) continue
        const list = requests
          .slice(0, d)
          .findLastIndex((r) => r.method === 'GET' && r.url.endsWith('/tags/list'))
        if (!own || acted <= list) {
          // a tag that was moved by the act needs only what it has now
          violations.push(
            `B ${tag} lacks ${m.slice(0, 15)} (act ${acted}, list ${list}, delete ${d} ${requests[d]?.path.slice(-20)}, ${state()})`,
          )
        }
        if (run.result === 'purged' && acted <= list) violations.push(`A green with ${tag} broken`)
      }
    }
    // G
    if (run.result === 'refused' || (run.result === 'cancelled' && act === undefined)) {
      const real = requests.filter(
        (r) => r.method === 'DELETE' && r.status === 202 && !r.path.includes('nothing'),
      )
      if (run.result === 'refused' && fault === undefined && real.length > 0)
        violations.push(`G refused, but ${real.length} DELETE took place`)
    }
    // E
    for (const r of run.report.repositories) {
      if (run.result === 'purged')
        for (const c of [...r.manifests, ...r.blobs]) {
          if (c.verdict !== 'gone') violations.push(`E purged, ${c.digest.slice(7, 15)} ${c.verdict}`)
          if (c.outcome !== 'deleted' && c.outcome !== 'already-gone')
            violations.push(`E purged, outcome ${c.outcome}`)
        }
      for (const t of r.remaining)
        if (acted <= lastListOf(requests) && t.verdict === 'intact' && lacks(store, t.tag).length > 0)
          violations.push(`E ${t.tag} said intact, and lacks`)
    }
    // F (where the named tag is another image by then, other blobs are the leak's)
    for (const r of pushed.includes('debug') ? [] : requests) {
      if (
        r.method === 'HEAD' &&
        [...plannedBlobs, layer('base').digest, layer('x2').digest, ...planned].some((d) =>
          r.path.endsWith(d),
        )
      )
        violations.push(`F HEAD ${r.path}`)
      if (r.path.includes('/manifests/') && plannedBlobs.some((d) => r.path.endsWith(d)))
        violations.push(`F blob on manifests ${r.path}`)
    }
    // Ranged requests are the very last ones: no blob is read after them. Tags are, before the last DELETE.
    const firstRange = requests.findIndex(({ headers }) => headers.range !== undefined)
    const late = firstRange < 0 ? [] : requests.slice(firstRange)
    const reads = late.filter(({ method, headers }) => method !== 'DELETE' && headers.range === undefined)
    if (reads.some(({ path }) => path.includes('/blobs/')))
      violations.push('F a blob read after a ranged request')
    if (reads.length > 0 && !late.some(({ method }) => method === 'DELETE') && run?.result === 'purged')
      violations.push('F a read after a ranged request')
    // D: a single hiccup on a read should not make a plain purge fail
  }
  const n = requests.length
  await registry.stop()
  return { n, violations, ...(run && { run }) }
}

const DIALECTS: Record<string, MemoryOptions> = {
  '3.1': {},
  '2.8': { dialect: '2.8' },
  zot: { dialect: 'zot' },
}

async function sweep(
  dialect: string,
  list: [string, Act | undefined, unknown, boolean][],
  inputs: Record<string, string>,
): Promise<void> {
  const out: string[] = []
  const plain = await once(-5, 'before', undefined, undefined, DIALECTS[dialect] ?? {}, inputs)
  out.push(...plain.violations.map((v) => `plain: ${v}`))
  for (const [what, act, fault, stop] of list)
    for (const when of ['before'] as const)
      for (let k = 0; k < plain.n; k += STEP) {
        const { violations } = await once(k, when, act, fault, DIALECTS[dialect] ?? {}, inputs, stop)
        for (const v of violations) {
          out.push(`${what} ${when} #${k}: ${v}`)
        }
      }
  expect(out).toEqual([])
}

const acts = Object.entries(ACTS).map(([name, act]): [string, Act | undefined, unknown, boolean] => [
  name,
  act,
  undefined,
  false,
])
const faults = Object.entries(FAULTS).map(([name, fault]): [string, Act | undefined, unknown, boolean] => [
  name,
  undefined,
  fault,
  false,
])
for (const dialect of (process.env['SWEEP'] ?? '3.1').split(',')) {
  test(`something happens in front of a request (${dialect})`, () =>
    sweep(dialect, acts, { concurrency: '1' }))
  test(`a request is answered otherwise (${dialect})`, () => sweep(dialect, faults, { concurrency: '1' }))
  test(`the run is stopped at a request (${dialect})`, () =>
    sweep(dialect, [['stop', undefined, undefined, true]], { concurrency: '4' }))
}
