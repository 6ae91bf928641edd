/** For every request of a run with `scope: tag`: something happens in front of it, or it is answered otherwise. */
import { expect, jest, test } from '@jest/globals'
import { blobDigests, ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import {
  startMemoryRegistry,
  type Interception,
  type MemoryOptions,
  type MemoryStore,
  type RecordedRequest,
} from '../support/memory-registry.js'

jest.setTimeout(1_200_000)
const REPO = 'acme/app'
/** Every so-many-th request. All of them: SWEEP_STEP=1. */
const STEP = Number(process.env['SWEEP_STEP'] ?? 5)

const x1 = ociImage('x1', { layers: ['base', 'x1'] })
const image = ociIndex([x1, ociImage('x2', { layers: ['base', 'x2'] })])
const latest = ociImage('latest', { layers: ['base', 'app'] })
const other = ociImage('somebody else’s')
const OTHERS = ['alias', 'child', 'latest']

function scene(store: MemoryStore): void {
  pushImage(store, REPO, image, 'debug')
  store.tag(REPO, 'debug2', image.digest)
  store.tag(REPO, 'alias', image.digest)
  pushImage(store, REPO, x1, 'child')
  pushImage(store, REPO, latest, 'latest')
}

type Act = (store: MemoryStore) => void
const ACTS: Record<string, Act> = {
  'moved to another image': (s) => void pushImage(s, REPO, other, 'debug'),
  'pushed again': (s) => void pushImage(s, REPO, image, 'debug'),
  'label deleted': (s) => void s.untag(REPO, 'debug'),
  'label deleted and pushed': (s) => (s.untag(REPO, 'debug'), void pushImage(s, REPO, other, 'debug')),
  'new tag': (s) => void pushImage(s, REPO, ociIndex([x1]), 'fresh'),
}
const json = (status: number, code: string): Interception => ({
  status,
  body: { errors: [{ code, message: code }] },
})
const FAULTS: Record<string, Interception> = {
  500: json(500, 'UNKNOWN'),
  reset: 'reset',
  429: json(429, 'TOOMANYREQUESTS'),
  403: json(403, 'DENIED'),
  405: json(405, 'UNSUPPORTED'),
  '404 html': { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html>no</html>' },
  '404 manifest': json(404, 'MANIFEST_UNKNOWN'),
  400: json(400, 'MANIFEST_INVALID'),
  '200 html': { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>login</html>' },
  '202': { status: 202 },
  '201': { status: 201 },
}

/** The digests that a pull of a tag lacks. */
function lacks(store: MemoryStore, tag: string): string[] {
  const out: string[] = []
  const walk = (reference: string): void => {
    const manifest = store.manifest(REPO, reference)
    if (manifest === undefined) return void out.push(reference)
    const body = JSON.parse(manifest.bytes.toString()) as {
      manifests?: { digest: string }[]
      config?: { digest: string }
      layers?: { digest: string }[]
    }
    for (const child of body.manifests ?? []) walk(child.digest)
    for (const blob of [body.config, ...(body.layers ?? [])])
      if (blob !== undefined && !store.hasBlob(REPO, blob.digest)) out.push(blob.digest)
  }
  walk(tag)
  return out
}

interface Trouble {
  act?: Act
  fault?: Interception
  /** Answers so although it worked. */
  worked?: Interception
  /** Which requests from the k-th on; by default the k-th alone. */
  from?: (request: RecordedRequest) => boolean
  stop?: boolean
  /** Says that something was done, or is not there, which is not true. */
  lies?: boolean
  /** Only reads are answered so before they take place. */
  reads?: boolean
}

async function once(
  k: number,
  trouble: Trouble,
  options: MemoryOptions,
): Promise<{ n: number; bad: string[] }> {
  const registry = await startMemoryRegistry({ ...options })
  scene(registry.store)
  const blobsBefore = new Set(registry.store.snapshot()[REPO]?.blobs)
  const manifestsBefore = new Set(registry.store.snapshot()[REPO]?.manifests)
  const stop = new AbortController()
  let at = -1
  let acted = Infinity
  registry.options.intercept = (request) => {
    at++
    const hit = trouble.from === undefined ? at === k : at >= k && trouble.from(request)
    if (!hit) return undefined
    if (at === k || acted === Infinity) {
      acted = Math.min(acted, registry.requests.length - 1)
      trouble.act?.(registry.store)
      if (trouble.stop) stop.abort()
    }
    return trouble.reads === true && !isRead(request) ? undefined : trouble.fault
  }
  if (trouble.worked !== undefined) {
    const twist = ({ request }: { request: RecordedRequest }) => {
      const index = registry.requests.indexOf(request)
      return index >= k && (trouble.from?.(request) ?? index === k)
        ? { worked: true, answer: trouble.worked as never }
        : undefined
    }
    registry.options.onDelete = twist
    registry.options.onPut = (request) => twist({ request })
  }
  const bad: string[] = []
  let run: EngineRun | undefined
  try {
    run = await runEngine(
      registry,
      {
        image: `${REPO}:debug\n${REPO}:debug2`,
        scope: 'tag',
        'verify-timeout': '5s',
        timeout: '3m',
        concurrency: '1',
      },
      { stop: stop.signal },
    )
  } catch (error) {
    bad.push(`crash: ${String(error)}`)
  }
  const { store, requests } = registry
  const said = [
    run?.problems,
    ...(run?.report.repositories.flatMap((r) => [...r.warnings, ...r.tags.map((t) => t.reason ?? '')]) ?? []),
  ].join('\n')
  for (const tag of ['debug', 'debug2']) {
    const now = store.manifest(REPO, tag)
    const text = now?.bytes.toString() ?? ''
    // Where nothing answers any more it cannot be helped, but then it is said, with the digest that was there before.
    if (text.includes('registry-purge') && !(said.includes('placeholder') && said.includes(image.digest)))
      bad.push(`${tag} stands on a placeholder, and nothing says so: ${run?.result} ${said}`)
    if (run?.result === 'purged' && store.resolve(REPO, tag) !== undefined) {
      const lastList = requests.findLastIndex((r) => r.url.endsWith('/tags/list'))
      if (acted <= lastList || trouble.act === undefined) bad.push(`green, and ${tag} resolves`)
    }
  }
  const known = new Set([...blobsBefore, ...blobDigests(other), ...blobDigests(ociImage('f'))])
  const left = [
    ...store
      .manifests(REPO)
      .flatMap(({ digest, bytes }) => (bytes.includes('registry-purge') ? [digest] : [])),
    ...(store.snapshot()[REPO]?.blobs ?? []).filter((digest) => !known.has(digest)),
  ]
  for (const digest of left)
    if (!said.includes(digest) && !trouble.lies)
      bad.push(`left behind, and not said: ${digest} ${run?.result}`)
  for (const d of manifestsBefore)
    if (!store.hasManifest(REPO, d)) bad.push(`manifest ${d.slice(7, 15)} lost`)
  for (const tag of OTHERS) if (lacks(store, tag).length > 0) bad.push(`${tag} broken`)
  // What somebody else pushed before the look in front of the write stays.
  if (trouble.act !== undefined && store.manifests(REPO).some((m) => m.digest === other.digest)) {
    const write = requests.findIndex(
      (r, i) =>
        i > acted &&
        ((r.method === 'PUT' && r.path.endsWith('/manifests/debug')) ||
          (r.method === 'DELETE' &&
            (r.path.endsWith('/manifests/debug') || r.path.endsWith('/reference/debug')))),
    )
    const seen = requests.findIndex((r) => r.method === 'GET' && r.path.endsWith('/manifests/debug'))
    const look = requests.findLastIndex(
      (r, i) => i < write && r.method === 'GET' && r.path.endsWith('/manifests/debug'),
    )
    if (store.resolve(REPO, 'debug') !== other.digest && write >= 0 && acted > seen && acted <= look)
      bad.push(
        `the tag that somebody else pushed is ${store.resolve(REPO, 'debug')?.slice(7, 15)} (act ${acted}, look ${look}, write ${write}) ${run?.result}`,
      )
  }
  if (run?.result === 'refused') {
    const snapshot = store.snapshot()[REPO]
    if (trouble.act === undefined && ['debug', 'debug2'].some((t) => snapshot?.tags[t] !== image.digest))
      bad.push('refused, and a label is gone')
  }
  await registry.stop()
  return { n: requests.length, bad }
}

const DIALECTS: Record<string, MemoryOptions> = {
  '3.1': {},
  '2.8': { dialect: '2.8' },
  '2.8 without empty indexes': { dialect: '2.8', refuseEmptyIndex: true },
  gitlab: { gitlab: true, unsupported: { tag: 405 } },
  zot: { dialect: 'zot' },
}
const isRead = (r: RecordedRequest): boolean => r.method === 'GET'
const isLabel = (r: RecordedRequest): boolean => r.path.endsWith('/manifests/debug')
const KINDS: Record<string, [string, Trouble][]> = {
  'something happens in front of a request': Object.entries(ACTS).map(([name, act]) => [name, { act }]),
  'a request is answered otherwise': Object.entries(FAULTS).map(([name, fault]) => [
    name,
    { fault, lies: ['200 html', '201', '202', '404 manifest'].includes(name) },
  ]),
  'a write is answered otherwise, and worked': Object.entries(FAULTS)
    .filter(([name]) => ['500', 'reset', '429', '200 html', '201', '202'].includes(name))
    .map(([name, worked]) => [name, { worked }]),
  'every read fails from a request on': [
    ['500', { fault: FAULTS['500'], from: isRead }],
    ['reset', { fault: 'reset', from: isRead }],
    ['404', { fault: FAULTS['404 manifest'], from: isRead }],
  ],
  'everything about the label fails from a request on': [
    ['500', { fault: FAULTS['500'], from: isLabel }],
    ['429', { fault: FAULTS['429'], from: isLabel }],
  ],
  'everything fails from a request on': [
    ['500', { fault: FAULTS['500'], from: () => true }],
    ['reset', { fault: 'reset', from: () => true }],
    ['401', { fault: { status: 401 }, from: () => true }],
  ],
  'every write works and fails from a request on': [
    ['500', { worked: FAULTS['500'], from: () => true }],
    ['reset', { worked: 'reset', from: () => true }],
  ],
  'a write works and fails, and no read answers after it': [
    ['500', { worked: FAULTS['500'], fault: FAULTS['500'], from: () => true, reads: true }],
    ['reset', { worked: 'reset', fault: 'reset', from: () => true, reads: true }],
    ['reset of the label', { worked: 'reset', fault: 'reset', from: isLabel, reads: true }],
  ],
  'the run is stopped': [['stop', { stop: true }]],
}
for (const dialect of (process.env['SWEEP'] ?? '2.8,gitlab').split(','))
  for (const [kind, list] of Object.entries(KINDS))
    test(`${kind} (${dialect})`, async () => {
      const options = DIALECTS[dialect] ?? {}
      const plain = await once(-5, {}, options)
      const out = plain.bad.map((each) => `plain: ${each}`)
      for (const [name, trouble] of list)
        for (let k = 0; k < plain.n; k += STEP)
          for (const each of (await once(k, trouble, options)).bad) out.push(`${name} #${k}: ${each}`)
      expect(out).toEqual([])
    })
