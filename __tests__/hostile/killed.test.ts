/**
 * A run that is killed at any request that changes something. The report is always whole on the disk, so what stands
 * there when a request arrives, and again when it has taken effect, is what a killed run leaves.
 */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Ajv } from 'ajv'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report, RepositoryEntry } from '../../src/report/report.js'
import { ociImage, type Image } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import type {
  MemoryOptions,
  MemoryRegistry,
  MemoryStore,
  RecordedRequest,
} from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

jest.setTimeout(180_000)
const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const LEAK = { image: `${REPO}:debug-42` }

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/report.schema.json', import.meta.url), 'utf8'),
) as object
const isReport = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'killed-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const reportFile = (): string => join(folder, 'report.json')
/** Before the plan is made there is no file. */
const readText = (): string =>
  existsSync(reportFile()) ? readFileSync(reportFile(), 'utf8') : '{"result":"refused","repositories":[]}'

/** What a run did that was watched at each request. */
interface Watched {
  readonly run: EngineRun
  /** What the file got wrong, and when. */
  readonly wrong: string[]
  /** Requests that changed something, as `METHOD path`. */
  readonly changing: string[]
  /** How many different files the requests that changed something met on arrival. */
  readonly files: number
}

/** @param prepare fills the registry @param meanwhile also happens at each request */
async function watch(
  options: MemoryOptions,
  prepare: (registry: MemoryRegistry) => void,
  inputs: Readonly<Record<string, string>> = LEAK,
  meanwhile?: (request: RecordedRequest, store: MemoryStore) => void,
): Promise<Watched> {
  // Else the registry does not serve what the run alone would leave.
  const alone = options.replicas === undefined && meanwhile === undefined
  const registry = await registryWith(options)
  prepare(registry)
  const wrong: string[] = []
  const changing: string[] = []
  const files = new Set<string>()
  registry.options.intercept = (request, store) => {
    meanwhile?.(request, store)
    if (!changes(request, store)) return
    changing.push(`${request.method} ${request.path}`)
    files.add(String(statSync(reportFile(), { bigint: true }).ctimeNs))
    wrong.push(...claimsTooLittle(request).map((each) => `${request.method} ${request.path}: ${each}`))
  }
  registry.options.after = (request, store) => {
    if (changing.length > 0 && alone)
      wrong.push(...contradictions(store).map((each) => `after ${request.method} ${request.path}: ${each}`))
  }
  const run = await runEngine(registry, inputs, { reportFile: reportFile() })
  return { run, wrong, changing, files: files.size }
}

/** A probe names what does not exist, and changes nothing. */
function changes({ method, route, path }: RecordedRequest, store: MemoryStore): boolean {
  if (method === 'PUT' || method === 'POST' || method === 'PATCH') return true
  if (method !== 'DELETE') return false
  const name = path.split('/').at(-1) ?? ''
  const repo = repositoryOf(path)
  const real = store.hasManifest(repo, name) || store.hasBlob(repo, name) || store.resolve(repo, name)
  return route !== undefined && (Boolean(real) || readText().includes(name))
}

const repositoryOf = (path: string): string =>
  /^\/v2\/(.+?)\/(?:manifests|blobs|tags)\//.exec(path)?.[1] ?? ''

/** What is wrong with the file when a request arrives that changes something. */
function claimsTooLittle({ method, path, url, body }: RecordedRequest): string[] {
  const text = readText()
  const report = JSON.parse(text) as Report
  const entry = report.repositories.find(({ name }) => name === repositoryOf(path))
  const wrong: string[] = []
  if (!isReport(report)) wrong.push(JSON.stringify(isReport.errors))
  if (report.result !== 'incomplete') wrong.push(`result ${report.result}`)
  if (entry?.result !== 'incomplete') wrong.push(`result of the repository ${entry?.result ?? 'missing'}`)
  const name = path.split('/').at(-1) ?? ''
  const item = itemsOf(entry).find((each) => each.name === name)
  if (method === 'DELETE' && item === undefined && !text.includes(name)) wrong.push('not named')
  if (item !== undefined && !['unknown', 'deleted'].includes(item.outcome)) wrong.push(item.outcome)
  if (method === 'PUT' && name.startsWith('sha256:')) {
    // A manifest is pushed by its own digest before its last label goes.
    const tag = entry?.tags.find((each) => each.digest === name)
    if (tag?.outcome !== 'unknown') wrong.push(`PUT for a tag: ${tag?.outcome}`)
  } else if (method === 'PUT' && path.includes('/manifests/')) {
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
    const tag = entry?.tags.find((each) => each.tag === name)
    if (tag?.outcome !== 'unknown' || tag.via !== 'placeholder') wrong.push(`PUT on a tag: ${tag?.outcome}`)
    if (!tag?.reason?.includes(digest)) wrong.push('the placeholder is not named')
    if (!tag?.reason?.includes(tag.digest ?? '?')) wrong.push('what the tag pointed to is not named')
  }
  const upload = /digest=(sha256[^&]+)/.exec(decodeURIComponent(url))?.[1]
  if (upload !== undefined && !text.includes(upload)) wrong.push(`the upload of ${upload} is not named`)
  return wrong
}

/** What the file says otherwise than it is: `planned`, and yet changed; `deleted`, and yet there. */
function contradictions(store: MemoryStore): string[] {
  const report = JSON.parse(readText()) as Report
  return report.repositories.flatMap((entry) => {
    const { name: repo, tags, manifests, blobs } = entry
    return [
      ...tags.flatMap(({ tag, digest, outcome }) => {
        const now = store.resolve(repo, tag) ?? null
        if (outcome === 'planned' && now !== digest) return [`tag ${tag} planned, and on ${now}`]
        return outcome === 'deleted' && now !== null ? [`tag ${tag} deleted, and on ${now}`] : []
      }),
      ...manifests.flatMap(({ digest, outcome }) =>
        outcome === 'planned' && !store.hasManifest(repo, digest)
          ? [`manifest ${digest} planned, and gone`]
          : [],
      ),
      ...blobs.flatMap(({ digest, outcome }) =>
        outcome === 'planned' && !store.hasBlob(repo, digest) ? [`blob ${digest} planned, and gone`] : [],
      ),
    ]
  })
}

function itemsOf(entry: RepositoryEntry | undefined): { name: string; outcome: string }[] {
  return [
    ...(entry?.tags ?? []).map(({ tag, outcome }) => ({ name: tag, outcome })),
    ...[...(entry?.manifests ?? []), ...(entry?.blobs ?? [])].map(({ digest, outcome }) => ({
      name: digest,
      outcome,
    })),
  ]
}

const scene = ({ store }: MemoryRegistry): void => void referenceScene(store)

const x = ociImage('x', { layers: ['base', 'x'] })
const index = ociIndex([x, ociImage('y', { layers: ['base', 'y'] })])
const latest = ociImage('latest', { layers: ['base', 'app'] })
function withIndex({ store }: MemoryRegistry): void {
  pushImage(store, REPO, index, 'debug-42')
  store.tag(REPO, 'debug-43', index.digest)
  pushImage(store, REPO, latest, 'latest')
}
const BOTH = { image: `${REPO}:debug-42\n${REPO}:debug-43` }

test.each<[string, MemoryOptions, (registry: MemoryRegistry) => void, Readonly<Record<string, string>>]>([
  ['a registry as 3.1.1', {}, scene, LEAK],
  ['a registry as 2.8', { dialect: '2.8' }, scene, LEAK],
  ['an index on two tags', {}, withIndex, BOTH],
  ['an index on two tags, as 2.8', { dialect: '2.8' }, withIndex, BOTH],
  ['zot, which wants parents gone first', { dialect: 'zot' }, withIndex, BOTH],
  ['olareg, where manifests are among the blobs', { dialect: 'olareg' }, withIndex, BOTH],
  ['labels alone', {}, withIndex, { ...BOTH, scope: 'tag' }],
  ['labels alone on GitLab', { gitlab: true }, withIndex, { ...BOTH, scope: 'tag' }],
  ['labels alone by a placeholder', { dialect: '2.8' }, withIndex, { ...BOTH, scope: 'tag' }],
  [
    'labels alone by a placeholder of blobs',
    { dialect: '2.8', refuseEmptyIndex: true },
    withIndex,
    { ...BOTH, scope: 'tag' },
  ],
])('%s: the file claims no less than was done at any request', async (_, options, prepare, inputs) => {
  const { run, wrong, changing } = await watch(options, prepare, inputs)
  expect(wrong).toEqual([])
  expect(changing.length).toBeGreaterThan(1)
  expect(run.result).toBe('purged')
  // Nothing of what the file said meanwhile is left over.
  expect(JSON.stringify(run.report)).not.toContain('may point')
})

test.each(['3.1', '2.8'] as const)(
  'a cleanup of several repositories, with labels, as %s: each repository for itself',
  async (dialect) => {
    const repos = ['acme/one', 'acme/two', 'acme/three']
    const own = ociImage('own', { layers: ['base', 'own'] })
    const images: Record<string, Image> = { 'debug-own': own, 'debug-index': index, stable: index, latest }
    const prepare = ({ store }: MemoryRegistry): void => {
      for (const repo of repos)
        for (const [tag, image] of Object.entries(images)) pushImage(store, repo, image, tag)
    }
    const inputs = { repositories: 'acme/*', tags: 'debug-*', 'older-than': '0s' }
    const untouched: string[] = []
    const { run, wrong, changing } = await watch({ dialect }, prepare, inputs, ({ method }) => {
      if (method !== 'DELETE') return
      const { repositories } = JSON.parse(readText()) as Report
      for (const { name, result, tags } of repositories)
        if (result === 'refused')
          untouched.push(
            ...tags.filter(({ outcome }) => outcome === 'unknown').map(({ tag }) => `${name}:${tag}`),
          )
    })
    expect(wrong).toEqual([])
    expect(untouched).toEqual([])
    expect(changing.length).toBeGreaterThan(12)
    expect(run.result).toBe('purged')
    const labels = run.report.repositories.map(
      ({ tags }) => tags.find(({ tag }) => tag === 'debug-index')?.reason,
    )
    for (const reason of labels) expect(reason).toMatch(/^only the label goes/)
  },
)

test('replicas that are stale, until what they serve is deleted again', async () => {
  const { wrong, changing, run } = await watch({ replicas: 2 }, scene)
  expect(wrong).toEqual([])
  expect(changing.length).toBeGreaterThan(8)
  expect(run.result).toBe('purged')
})

test('everything gone but what a replica serves: the first request that changes something heals', async () => {
  const { wrong, changing, run } = await watch(
    { replicas: 2 },
    ({ store }) => {
      const { leak, gone } = referenceScene(store)
      store.untag(REPO, 'debug-42')
      store.deleteManifest(REPO, leak.digest)
      for (const digest of gone) store.deleteBlob(REPO, digest)
    },
    { blobs: `${REPO}@${ociImage('debug-42', { layers: ['debug-42/secret'] }).layers[0]?.digest}` },
  )
  expect(changing.length).toBeGreaterThan(0)
  expect(wrong).toEqual([])
  expect(run.result).not.toBe('refused')
})

test('a label that comes back is put on another placeholder, which is named', async () => {
  let deleted = false
  let back = false
  const { wrong, changing, run } = await watch(
    { dialect: '2.8' },
    withIndex,
    { ...BOTH, scope: 'tag', 'verify-timeout': '5m' },
    ({ method, path }, store) => {
      if (method === 'DELETE' && !path.includes('probe'))
        deleted ||= store.resolve(REPO, 'debug-43') !== index.digest
      if (deleted && !back && method === 'GET' && store.resolve(REPO, 'debug-42') === undefined) {
        back = true
        store.tag(REPO, 'debug-42', index.digest)
      }
    },
  )
  expect(back).toBe(true)
  expect(wrong).toEqual([])
  expect(changing.filter((each) => each.startsWith('PUT'))).toHaveLength(3)
  expect(run.result).toBe('purged')
})

test('content that nobody needs any more goes as well, and is named before', async () => {
  const base = ociImage('other', { layers: ['base/1', 'base/2'] })
  let deleted = false
  const { wrong, run } = await watch(
    {},
    ({ store }) => {
      pushImage(
        store,
        REPO,
        ociImage('debug-42', { layers: ['base/1', 'base/2', 'debug-42/secret'] }),
        'debug-42',
      )
      pushImage(store, REPO, base, 'other')
    },
    LEAK,
    ({ method }, store) => {
      if (method === 'DELETE' && !deleted && store.resolve(REPO, 'debug-42') === undefined) {
        deleted = true
        store.untag(REPO, 'other')
      }
    },
  )
  expect(wrong).toEqual([])
  expect(run.report.repositories[0]?.blobs.length).toBeGreaterThan(2)
})

test('a step writes the file once, however much it sends', async () => {
  const { changing, files, wrong } = await watch({}, ({ store }) => {
    const layers = Array.from({ length: 300 }, (_, at) => `own/${at}`)
    pushImage(store, REPO, ociImage('debug-42', { layers }), 'debug-42')
    pushImage(store, REPO, latest, 'latest')
  })
  expect(wrong).toEqual([])
  expect(changing.length).toBeGreaterThan(300)
  // Besides the steps, the answers are written once a second.
  expect(files).toBeLessThan(12)
})

test('what is looked at before the first write and refuses claims nothing', async () => {
  const registry = await registryWith()
  referenceScene(registry.store)
  let reads = 0
  const seen = new Set<string>()
  registry.options.intercept = ({ method, path }, store) => {
    if (reads > 0) seen.add((JSON.parse(readText()) as Report).result)
    if (method === 'GET' && path.endsWith('/manifests/debug-42') && ++reads === 2)
      pushImage(store, REPO, ociImage('new'), 'debug-42')
  }
  const run = await runEngine(registry, LEAK, { reportFile: reportFile() })
  expect(run.result).toBe('refused')
  expect([...seen]).toEqual(['refused'])
  expect(run.report.repositories[0]?.tags.map(({ outcome }) => outcome)).toEqual(['planned'])
})
