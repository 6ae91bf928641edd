/** For every request of a run that removes last tags on Gitea's kind of registry: it is answered otherwise. */
import { expect, jest, test } from '@jest/globals'
import { ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { startMemoryRegistry, type Interception, type RecordedRequest } from '../support/memory-registry.js'

jest.setTimeout(600_000)
const REPO = 'acme/app'
/** Every so-many-th request. All of them: SWEEP_STEP=1. */
const STEP = Number(process.env['SWEEP_STEP'] ?? 3)

const child = ociImage('child', { layers: ['base', 'child'] })
const sibling = ociImage('sibling', { layers: ['base', 'sibling'] })
const alone = ociImage('alone', { layers: ['base', 'alone'] })
const index = ociIndex([child, sibling])

const json = (status: number, code: string): Interception => ({ status, body: { errors: [{ code }] } })
const FAULTS: Record<string, Interception> = {
  500: json(500, 'UNKNOWN'),
  reset: 'reset',
  429: json(429, 'TOOMANYREQUESTS'),
  401: { status: 401 },
  403: json(403, 'DENIED'),
  405: json(405, 'UNSUPPORTED'),
  400: json(400, 'MANIFEST_INVALID'),
  404: json(404, 'MANIFEST_UNKNOWN'),
  '200 html': { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' },
}

interface Trouble {
  readonly fault: Interception
  /** Answers so from the k-th request on, if this holds. */
  readonly from?: (request: RecordedRequest) => boolean
  /** Answers so although it worked. */
  readonly worked?: boolean
}

async function once(
  k: number,
  { fault, from, worked = false }: Trouble,
): Promise<{ n: number; bad: string[] }> {
  const registry = await startMemoryRegistry({ tagDeleteTakesManifest: true })
  const { store, requests } = registry
  for (const [tag, image] of Object.entries({ child, sibling, alone, alias: child }))
    pushImage(store, REPO, image, tag)
  store.putManifest(REPO, index.mediaType, index.bytes, 'multi')
  const isHit = (request: RecordedRequest): boolean => {
    const at = requests.indexOf(request)
    return from === undefined ? at === k : at >= k && from(request)
  }
  if (worked) {
    const twist = (request: RecordedRequest) =>
      isHit(request) ? { worked: true, answer: fault as never } : undefined
    registry.options.onDelete = ({ request }) => twist(request)
    registry.options.onPut = twist
  } else registry.options.intercept = (request) => (isHit(request) ? fault : undefined)
  const image = ['child', 'alias', 'alone'].map((tag) => `${REPO}:${tag}`).join('\n')
  const inputs = { image, scope: 'tag', 'verify-timeout': '5s', timeout: '3m', concurrency: '1' }
  const run = await runEngine(registry, inputs)
  const bad: string[] = []
  const snapshot = store.snapshot()[REPO]
  const lost = [index, child, sibling, alone].filter(({ digest }) => !store.hasManifest(REPO, digest))
  const blobs = [...child.layers, ...sibling.layers, ...alone.layers]
  const lacks = [...lost, ...blobs.filter(({ digest }) => !store.hasBlob(REPO, digest))]
  if (lacks.some((each) => each !== alone && !alone.layers.includes(each)))
    bad.push('something that stays is broken')
  if (lacks.length > 0 && run.result !== 'incomplete') bad.push(`a manifest went along: ${run.result}`)
  const labels = ['alias', 'alone', 'child'].filter((tag) => snapshot?.tags[tag] !== undefined)
  if (run.result === 'purged' && labels.length > 0) bad.push(`green with ${labels.join(', ')}`)
  if (run.result === 'refused' && labels.length < 3) bad.push(`refused with ${labels.join(', ')}`)
  await registry.stop()
  return { n: requests.length, bad }
}

const isPut = ({ method }: RecordedRequest): boolean => method === 'PUT'
const isAbout =
  (image: { digest: string }) =>
  ({ path }: RecordedRequest): boolean =>
    path.endsWith(image.digest)
const KINDS: Record<string, [string, Trouble][]> = {
  'one request is answered otherwise': Object.entries(FAULTS).map(([name, fault]) => [name, { fault }]),
  'every push is answered otherwise': Object.entries(FAULTS)
    .filter(([name]) => name !== '200 html' && name !== '429')
    .map(([name, fault]) => [name, { fault, from: isPut }]),
  'everything about the digest is answered otherwise': ['500', '403', '404', 'reset'].map((name) => [
    name,
    { fault: FAULTS[name], from: isAbout(child) },
  ]),
  'one write is answered otherwise, and worked': ['500', 'reset', '403'].map((name) => [
    name,
    { fault: FAULTS[name], worked: true },
  ]),
  'every write is answered otherwise, and worked': ['500', 'reset'].map((name) => [
    name,
    { fault: FAULTS[name], worked: true, from: () => true },
  ]),
}

test.each(Object.entries(KINDS))('%s', async (_, list) => {
  const { n, bad } = await once(-1, { fault: undefined })
  for (const [name, trouble] of list)
    for (let k = 0; k < n; k += STEP)
      for (const each of (await once(k, trouble)).bad) bad.push(`${name} #${k}: ${each}`)
  expect(bad).toEqual([])
})
