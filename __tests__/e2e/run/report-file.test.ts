import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pushScene } from '../../../testbed/images/scene.js'
import { startBalancer } from '../support/round-robin.js'
import { expectResult, folderFor, onRegistry, purge } from '../support/support.js'

const readReport = (path: string) =>
  JSON.parse(readFileSync(path, 'utf8')) as { result: string; startedAt: string }

interface Report {
  repositories: {
    tags: { outcome: string }[]
    manifests: { digest: string; outcome: string }[]
    blobs: { digest: string }[]
  }[]
}

onRegistry('3.1.1', (start) => {
  test('without report-file the report gets a new name in RUNNER_TEMP', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const image = `${repository}:${leak.tag}`
    const folder = await folderFor('two-runs')
    const runs = [
      await purge(registry, { image, 'dry-run': 'true' }, { folder }),
      await purge(registry, { image }, { folder }),
    ]
    const names = runs.map(({ reportPath = '' }) => basename(reportPath)).sort()
    expect(new Set(names).size).toBe(2)
    expect(runs.map(({ reportPath = '' }) => dirname(reportPath))).toEqual(runs.map(({ temp }) => temp))
    expect(readdirSync(join(folder, 'temp')).sort()).toEqual(names)
  })

  test('what stands at report-file is renamed with name and start time, and never overwritten', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const folder = await folderFor('reports')
    const path = join(folder, 'report.json')
    writeFileSync(path, 'notes of somebody else')
    const inputs = { image: `${repository}:${leak.tag}`, 'report-file': path }
    const dry = await purge(registry, { ...inputs, 'dry-run': 'true' })
    expectResult(dry, 'planned')
    expect(dry.reportPath).toBe(path)
    const real = await purge(registry, inputs)
    expectResult(real, 'purged')
    expect(real.reportPath).toBe(path)

    expect(readReport(path)).toEqual(real.report)
    const renamed = readdirSync(folder)
      .filter((name) => name !== 'report.json')
      .sort()
    const named = (startedAt: string) => `report-${startedAt.replaceAll(':', '-')}.json`
    expect(renamed).toEqual([named(dry.report.startedAt), named(real.report.startedAt)].sort())
    const [first = '', second = ''] = renamed.map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(first).toBe('notes of somebody else')
    expect(JSON.parse(second)).toEqual(dry.report)
  })

  test('runs at once with the same report-file all keep their report', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const folder = await folderFor('reports')
    const reasons = ['INC-1', 'INC-2', 'INC-3']
    // Each has taken the path before any goes on.
    let meet: () => void = () => undefined
    const met = new Promise<void>((resolve) => (meet = resolve))
    const balancer = await startBalancer([registry], (_, index) => {
      if (index === reasons.length - 1) meet()
      return met
    })
    const inputs = { image: `${repository}:${leak.tag}`, 'report-file': join(folder, 'report.json') }
    const runs = await Promise.all(
      reasons.map((reason) => purge(balancer, { ...inputs, reason, 'dry-run': 'true' })),
    )
    for (const run of runs) expectResult(run, 'planned')
    expect(runs.map(({ report }) => report.reason)).toEqual(reasons)
    const finished = readdirSync(folder)
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
      .filter(({ endedAt }) => endedAt !== null)
    expect(finished.map(({ reason }) => reason).sort()).toEqual(reasons)
  })

  test('a report that cannot be written refuses before anything is sent', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const folder = await folderFor('reports')
    writeFileSync(join(folder, 'file'), '')
    const run = await purge(registry, {
      image: `${repository}:${leak.tag}`,
      'report-file': join(folder, 'file', 'report.json'),
    })
    expectResult(run, 'refused')
    expect(run.errors).toContain('report-file: ')
    expect(run.report.requests).toEqual({})
  })

  test('the report on disk holds the whole plan before the first write, and what is done then is marked as unknown until it is known', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const path = join(await folderFor('reports'), 'report.json')
    const written: Report[] = []
    const balancer = await startBalancer([registry], ({ method, path: asked }) => {
      const real = method === 'DELETE' && [leak.tag, leak.digest].some((each) => asked.endsWith(`/${each}`))
      if (real) written.push(JSON.parse(readFileSync(path, 'utf8')))
    })
    const run = await purge(balancer, { image: `${repository}:${leak.tag}`, 'report-file': path })
    expectResult(run, 'purged')
    expect(written).toHaveLength(2)
    const [entry] = written[0]?.repositories ?? []
    expect(entry?.manifests.map(({ digest }) => digest)).toEqual([leak.digest])
    expect(entry?.blobs.map(({ digest }) => digest)).toEqual([...leak.ownBlobs].sort())
    const outcomes = written.map(({ repositories: [each] }) => [
      each?.tags[0]?.outcome,
      each?.manifests[0]?.outcome,
    ])
    expect(outcomes).toEqual([
      [expect.stringMatching(/^(planned|unknown)$/), 'planned'],
      ['deleted', expect.any(String)],
    ])
  })
})
