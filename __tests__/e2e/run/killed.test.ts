import { expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../../../src/report/report.js'
import { get } from '../../../testbed/images/pull.js'
import { pushScene, type Scene } from '../../../testbed/images/scene.js'
import { projectFolder } from '../../../testbed/project.js'
import { runAction } from '../../../testbed/run/runner.js'
import { statusOf } from '../support/registry-state.js'
import { startBalancer, type Hook } from '../support/round-robin.js'
import { folderFor, onRegistry, type RegistryServer, type Start } from '../support/support.js'

const schema = JSON.parse(
  readFileSync(join(projectFolder, 'schemas', 'report.schema.json'), 'utf8'),
) as object
const isReport = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)

/** When the runner is lost: as a request arrives, or when the registry has answered and nobody has heard of it. */
const MOMENTS = ['as it arrives', 'when it is answered'] as const

interface Killed {
  readonly registry: RegistryServer
  readonly scene: Scene
  readonly report: Report
  /** What arrived, as `METHOD path`, up to the one at which the runner was lost. */
  readonly arrived: string[]
}

/** Runs the action until the request of this number that changes something, from 0, and kills it there. */
async function killAt(
  start: Start,
  number: number,
  moment: (typeof MOMENTS)[number],
  inputs: Readonly<Record<string, string>> = {},
  instead: Hook = () => undefined,
): Promise<Killed> {
  const registry = await start()
  const scene = await pushScene(registry)
  const { repository, leak } = scene
  const names = [leak.tag, leak.digest, ...leak.ownBlobs]
  const kill = new AbortController()
  const arrived: string[] = []
  let fatal = -1
  const lose = async (): Promise<void> => {
    kill.abort()
    // Until the process is gone. The request is passed on all the same: it had left before.
    await sleep(150)
  }
  const balancer = await startBalancer(
    [registry],
    async (request, index) => {
      const { method, path } = request
      // Before anything is written, a DELETE of something else is a probe.
      const real =
        method !== 'DELETE' || arrived.length > 0 || names.some((name) => path.endsWith(`/${name}`))
      if (!['DELETE', 'PUT', 'POST'].includes(method) || !real) return instead(request, index)
      if (kill.signal.aborted) return undefined
      if (arrived.push(`${method} ${path}`) === number + 1) {
        fatal = index
        if (moment === 'as it arrives') await lose()
      }
      return instead(request, index)
    },
    async (_, index) => {
      if (index === fatal && moment === 'when it is answered') await lose()
    },
  )
  const path = join(await folderFor('killed'), 'report.json')
  const run = await runAction({
    inputs: {
      registry: balancer.url,
      username: balancer.auth?.username ?? '',
      password: balancer.auth?.password ?? '',
      'ca-certificate': balancer.ca ?? '',
      image: `${repository}:${leak.tag}`,
      'report-file': path,
      'verify-attempts': '1',
      ...inputs,
    },
    folder: await folderFor('run'),
    kill: kill.signal,
    timeoutMs: 60_000,
  })
  if (run.signal !== 'SIGKILL' || run.timedOut)
    throw new Error(`not killed, after ${JSON.stringify(arrived)}:\n${run.log}`)
  return { registry, scene, report: JSON.parse(readFileSync(path, 'utf8')) as Report, arrived }
}

/** Whatever is not as it was, the report does not call planned; and it claims no end. */
async function expectNoLess({ registry, scene, report, arrived }: Killed): Promise<void> {
  const { repository, leak } = scene
  isReport(report)
  expect(isReport.errors ?? []).toEqual([])
  expect(report).toMatchObject({ result: 'incomplete', endedAt: null })
  const [entry] = report.repositories
  expect(entry?.result).toBe('incomplete')
  const outcomes = Object.fromEntries([
    ...(entry?.tags ?? []).map(({ tag, outcome }) => [tag, outcome]),
    ...[...(entry?.manifests ?? []), ...(entry?.blobs ?? [])].map(({ digest, outcome }) => [digest, outcome]),
  ]) as Record<string, string>
  for (const request of arrived) {
    const outcome = outcomes[request.split('/').at(-1) ?? '']
    if (outcome !== undefined) expect([request, outcome]).not.toContain('planned')
  }
  const statuses = await statusOf(registry, repository, {
    tags: [leak.tag],
    manifests: [leak.digest],
    blobs: leak.ownBlobs,
  })
  for (const [place, status] of Object.entries(statuses)) {
    if (place === `blobs/${leak.digest}`) continue
    const outcome = outcomes[place.split('/')[1] ?? '']
    if (status === 404 && outcome !== undefined) expect([place, outcome]).not.toContain('planned')
    if (outcome === 'deleted') expect([place, status]).toEqual([place, 404])
  }
}

const image = Array.from({ length: 5 }, (_, number) =>
  MOMENTS.map((moment) => [number, moment] as const),
).flat()

for (const version of ['3.1.1', '2.8.2'] as const)
  onRegistry(version, (start) => {
    test.each(image)(
      'a runner that is lost at request %d that changes something, %s',
      async (number, moment) => {
        const killed = await killAt(start, number, moment)
        expect(killed.arrived.length).toBeGreaterThan(number)
        await expectNoLess(killed)
      },
    )
  })

onRegistry('2.8.2', (start) => {
  const label = { scope: 'tag' }

  test.each(MOMENTS.flatMap((moment) => [0, 1].map((number) => [number, moment] as const)))(
    'a placeholder, and a runner that is lost at request %d, %s: the report names it',
    async (number, moment) => {
      const killed = await killAt(start, number, moment, label)
      const { repository, leak } = killed.scene
      await expectNoLess(killed)
      expect(killed.arrived.map((each) => each.split(' ')[0])).toEqual(['PUT', 'DELETE'].slice(0, number + 1))
      const [tag] = killed.report.repositories[0]?.tags ?? []
      expect(tag).toMatchObject({ tag: leak.tag, outcome: 'unknown', via: 'placeholder' })
      expect(tag?.reason).toContain(`before it pointed to ${leak.digest}`)
      const served = await get(killed.registry, repository, 'manifests', leak.tag)
      const now = served.headers['docker-content-digest']
      if (served.status === 200 && now !== leak.digest) expect(tag?.reason).toContain(now)
      else expect(number === 1 || moment === 'as it arrives').toBe(true)
    },
  )

  // 0 is the PUT that is refused, 1 a probe.
  test.each([2, 3, 4, 5, 6, 7, 8, 9].map((number) => [number] as const))(
    'a placeholder of blobs, and a runner that is lost at request %d: the report names all of it',
    async (number) => {
      let refused = false
      // As a registry that takes no index without manifests.
      const refuse: Hook = ({ method, path }) => {
        if (method !== 'PUT' || !path.includes('/manifests/') || refused) return undefined
        refused = true
        return { reply: 400, body: { errors: [{ code: 'MANIFEST_INVALID', message: 'empty index' }] } }
      }
      const killed = await killAt(start, number, 'when it is answered', label, refuse)
      await expectNoLess(killed)
      const [tag] = killed.report.repositories[0]?.tags ?? []
      expect(tag).toMatchObject({ outcome: 'unknown', via: 'placeholder' })
      const uploads = killed.arrived.flatMap((each) => {
        const [, digest] = /digest=(sha256(?::|%3A)\w+)/.exec(each) ?? []
        return digest === undefined ? [] : [decodeURIComponent(digest)]
      })
      expect(uploads.length).toBe(number < 3 ? 0 : number < 5 ? 1 : 2)
      for (const digest of uploads) expect(tag?.reason).toContain(digest)
    },
  )
})
