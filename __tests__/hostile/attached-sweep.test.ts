/** For every request of a purge with signatures and SBOMs: something happens in front of it, or it is answered otherwise. */
import { expect, jest, test } from '@jest/globals'
import { artifact, artifactManifest, signature, signatureTag } from '../../testbed/images/artifacts.js'
import { blobDigests, manifestDigests, ociImage } from '../../testbed/images/image.js'
import { ociIndex, referrersIndex, referrersTag } from '../../testbed/images/indexes.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import {
  startMemoryRegistry,
  type Interception,
  type MemoryOptions,
  type MemoryStore,
} from '../support/memory-registry.js'

jest.setTimeout(1_200_000)
const REPO = 'acme/app'
/** Every so-many-th request. All of them: SWEEP_STEP=1. */
const STEP = Number(process.env['SWEEP_STEP'] ?? 31)
const EMPTY = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'

const x1 = ociImage('x1', { layers: ['base', 'secret'] })
const shared = ociImage('shared', { layers: ['base', 'shared'] })
const leak = ociIndex([x1, shared])
const keep = ociIndex([shared])
const latest = ociImage('latest', { layers: ['base', 'app'] })
const sbom = (name: string, subject: typeof leak) =>
  ociImage(`sbom of ${name}`, { subject, layers: ['packages', `sbom ${name}`] })
const leakSbom = sbom('leak', leak)
const ofSbom = artifactManifest('signature of the sbom', { subject: leakSbom })
const childSbom = artifact('sbom of the child', { subject: x1 })
const keepSbom = sbom('latest', latest)
const leakSig = signature('leak', leak)
const childSig = signature('child', x1)
const keepSig = signature('latest', latest)
const sharedSig = signature('shared', shared)

function scene(store: MemoryStore, api: boolean): void {
  pushImage(store, REPO, leak, 'debug')
  pushImage(store, REPO, keep, 'keep')
  pushImage(store, REPO, latest, 'latest')
  pushImage(store, REPO, latest, 'stable')
  for (const [subject, referrer] of [
    [leak, leakSbom],
    [leakSbom, ofSbom],
    [x1, childSbom],
    [latest, keepSbom],
  ] as const)
    if (api) pushImage(store, REPO, referrer)
    else pushImage(store, REPO, referrersIndex([referrer]), referrersTag(subject.digest))
  pushImage(store, REPO, leakSig, signatureTag(leak.digest))
  pushImage(store, REPO, childSig, signatureTag(x1.digest))
  pushImage(store, REPO, keepSig, signatureTag(latest.digest))
  pushImage(store, REPO, sharedSig, signatureTag(shared.digest))
}
const GONE = [leak, x1, leakSbom, ofSbom, childSbom, leakSig, childSig].map(({ digest }) => digest)
const GONE_BLOBS = [x1, leakSbom, ofSbom, childSbom, leakSig, childSig].flatMap(blobDigests)
const NEEDED = new Set(
  [keep, latest, keepSbom, keepSig, sharedSig].flatMap((i) => [...manifestDigests(i), ...blobDigests(i)]),
)
const expected = [...GONE, ...GONE_BLOBS].filter((d) => !NEEDED.has(d) && d !== EMPTY)

type Act = (store: MemoryStore) => void
const ACTS: Record<string, Act> = {
  'tag on the child': (s) => void pushImage(s, REPO, ociIndex([x1]), 'fresh'),
  'tag on the sbom': (s) => void pushImage(s, REPO, leakSbom, 'fresh'),
  'tag on the signature': (s) => void pushImage(s, REPO, leakSig, 'fresh'),
  'tag that shares a blob with the sbom': (s) =>
    void pushImage(s, REPO, ociImage('f', { layers: ['sbom leak'] }), 'fresh'),
  'signature for latest that shares a blob with one of the leak': (s) =>
    void pushImage(
      s,
      REPO,
      ociImage('g', { layers: [...(leakSig.layers ?? [])] }),
      signatureTag(latest.digest, 'att'),
    ),
  'signature of the leak moved': (s) =>
    void pushImage(s, REPO, signature('again', leak), signatureTag(leak.digest)),
  'signature of the leak moved to latest’s': (s) =>
    void pushImage(s, REPO, keepSig, signatureTag(leak.digest)),
  'signature of the leak pushed again': (s) => void pushImage(s, REPO, leakSig, signatureTag(leak.digest)),
  'latest moved to an index with the sbom': (s) => void pushImage(s, REPO, ociIndex([leakSbom]), 'latest'),
  'signature tag deleted': (s) => void s.untag(REPO, signatureTag(leak.digest)),
  'tag keep deleted': (s) => void s.deleteManifest(REPO, keep.digest),
  'latest deleted with all of it': (s) => {
    for (const each of [latest, keepSbom, keepSig]) s.deleteManifest(REPO, each.digest)
  },
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
  '200 html': { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>login</html>' },
  '200 json': { status: 200, body: {} },
  '202': { status: 202 },
}

function lacks(store: MemoryStore, tag: string): string[] {
  const out: string[] = []
  const walk = (reference: string): void => {
    const manifest = store.manifest(REPO, reference)
    if (manifest === undefined) return void out.push(reference)
    const body = JSON.parse(manifest.bytes.toString()) as {
      manifests?: { digest: string }[]
      config?: { digest: string }
      layers?: { digest: string }[]
      blobs?: { digest: string }[]
    }
    for (const child of body.manifests ?? []) walk(child.digest)
    for (const blob of [body.config, ...(body.layers ?? []), ...(body.blobs ?? [])])
      if (blob !== undefined && !store.hasBlob(REPO, blob.digest)) out.push(blob.digest)
  }
  walk(tag)
  return out
}

async function once(
  k: number,
  { act, fault, stop: stopIt }: { act?: Act; fault?: Interception; stop?: boolean },
  options: MemoryOptions,
): Promise<{ n: number; bad: string[] }> {
  const registry = await startMemoryRegistry({ ...options })
  const api = options.referrers === true || options.dialect === 'zot' || options.dialect === 'olareg'
  scene(registry.store, api)
  const { store, requests } = registry
  const stop = new AbortController()
  let at = -1
  let acted = -1
  let before: Record<string, string> = {}
  registry.options.intercept = () => {
    if (++at !== k) return undefined
    before = store.snapshot()[REPO]?.tags ?? {}
    act?.(store)
    if (stopIt) stop.abort()
    acted = requests.length - 1
    return fault
  }
  const bad: string[] = []
  let run: EngineRun | undefined
  try {
    run = await runEngine(
      registry,
      { image: `${REPO}:debug`, 'verify-timeout': '5s', concurrency: '1' },
      { stop: stop.signal },
    )
  } catch (error) {
    bad.push(`crash: ${String(error)}`)
  }
  const lists = requests.flatMap((r, i) => (r.method === 'GET' && r.url.endsWith('/tags/list') ? [i] : []))
  const firstWrite = requests.findIndex((r, i) => i > (lists[1] ?? Infinity) && r.method === 'DELETE')
  const lastList = lists.at(-1) ?? -1
  const result = run?.result
  const said = new Set(run?.report.repositories.flatMap((r) => r.kept.map((each) => each.digest)))
  // What the survey saw of it is its plan; what comes after the last look cannot be noticed.
  if (result === 'purged' && acted <= lastList && (act === undefined || acted > (lists[1] ?? 0))) {
    const served = expected.filter(
      (d) => (store.hasManifest(REPO, d) || store.hasBlob(REPO, d)) && !said.has(d),
    )
    for (const d of served) bad.push(`green, ${d.slice(7, 15)} served`)
  }
  const now = store.snapshot()[REPO]?.tags ?? {}
  const whole = new Set([
    'keep',
    'latest',
    'stable',
    signatureTag(latest.digest),
    signatureTag(shared.digest),
    'fresh',
    signatureTag(latest.digest, 'att'),
  ])
  if (!api) whole.add(referrersTag(latest.digest))
  for (const tag of whole) {
    if (before[tag] === undefined && now[tag] === undefined) {
      if (['fresh', signatureTag(latest.digest, 'att')].includes(tag)) continue
      if (k < 0) bad.push(`${tag} lost`)
      continue
    }
    if (act !== undefined && now[tag] === undefined && /deleted/.test(act.name)) continue
    const missing = now[tag] === undefined ? ['tag'] : lacks(store, tag)
    for (const m of missing) {
      const d = requests.findLastIndex(
        (r) =>
          r.method === 'DELETE' && (r.path.endsWith(`/${m}`) || (m === 'tag' && r.path.endsWith(`/${tag}`))),
      )
      if (d < 0) continue
      const list = lists.findLast((i) => i < d) ?? -1
      const own = act !== undefined && before[tag] !== now[tag]
      if (own && acted <= (lists[1] ?? 0)) continue
      if (!own || acted <= list)
        bad.push(`${tag} lacks ${m.slice(0, 15)} (act ${acted}, list ${list}, delete ${d}) ${result}`)
    }
    if (missing.length > 0 && result === 'purged' && acted <= lastList)
      bad.push(`green, and ${tag} is broken`)
  }
  if (api && act === undefined)
    for (const d of [keepSbom.digest, ...blobDigests(keepSbom)])
      if (!store.hasManifest(REPO, d) && !store.hasBlob(REPO, d))
        bad.push(`sbom of latest lacks ${d.slice(7, 15)} ${result}`)
  if (
    result === 'refused' &&
    act === undefined &&
    JSON.stringify(now) !== JSON.stringify(before) &&
    k >= 0 &&
    firstWrite >= 0 &&
    k > firstWrite
  )
    bad.push('refused after a write')
  await registry.stop()
  return { n: requests.length, bad }
}

const DIALECTS: Record<string, MemoryOptions> = {
  '3.1': {},
  '2.8': { dialect: '2.8' },
  zot: { dialect: 'zot' },
  olareg: { dialect: 'olareg' },
}
const KINDS: Record<string, [string, Parameters<typeof once>[1]][]> = {
  'something happens in front of a request': Object.entries(ACTS).map(([name, act]) => [name, { act }]),
  'a request is answered otherwise': Object.entries(FAULTS).map(([name, fault]) => [name, { fault }]),
  'the run is stopped': [['stop', { stop: true }]],
}
for (const dialect of (process.env['SWEEP'] ?? '3.1,zot').split(','))
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
