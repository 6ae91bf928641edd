import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import type { Result } from '../../src/plan/journal.js'
import { outputsOf } from '../../src/report/outputs.js'
import { content, gone, of, reportOf, repositoryOf } from './reports.js'

const PATH = '/tmp/report.json'
const json = (text: string | undefined): unknown => JSON.parse(text ?? '')

describe('the outputs', () => {
  test('are those of action.yml, each of them in every case', () => {
    const action = fileURLToPath(new URL('../../action.yml', import.meta.url))
    const { outputs } = parse(readFileSync(action, 'utf8')) as { outputs: object }
    const empty = reportOf({ registry: null, fingerprint: null })
    for (const report of [reportOf({ repositories: [repositoryOf()] }), empty])
      expect(Object.keys(outputsOf(report, PATH)).sort()).toEqual(Object.keys(outputs).sort())
  })

  test.each<[Result, string]>([
    ['purged', 'true'],
    ['planned', 'false'],
    ['nothing-to-do', 'false'],
    ['refused', 'false'],
    ['incomplete', 'false'],
    ['cancelled', 'false'],
  ])('of a run that is %s are verified: %s', (result, verified) => {
    expect(outputsOf(reportOf({ result }), PATH)).toMatchObject({ result, verified, report: PATH })
  })

  test('hold the fingerprint, or nothing where there is no plan', () => {
    expect(outputsOf(reportOf(), PATH)['fingerprint']).toBe(of('the plan'))
    expect(outputsOf(reportOf({ fingerprint: null }), PATH)['fingerprint']).toBe('')
  })

  const repositories = [
    repositoryOf({
      manifests: [gone('a')],
      blobs: [
        gone('b'),
        content('c'),
        content('d', { verdict: 'present' }),
        content('e', { verdict: 'inconclusive' }),
      ],
      kept: [{ digest: of('k'), heldBy: ['latest'] }],
    }),
    repositoryOf({
      name: 'acme/other',
      blobs: [gone('b'), gone('x')],
      kept: [
        { digest: of('k'), heldBy: ['v1'] },
        { digest: of('l'), heldBy: ['v1'] },
      ],
    }),
  ]

  test('list what other repositories serve, each once', () => {
    const found = { repository: 'acme/copy', digest: of('b'), heldBy: ['v1'] }
    const report = reportOf({
      repositories: [
        repositoryOf({ exposed: [found] }),
        repositoryOf({ name: 'acme/other', exposed: [found] }),
      ],
    })
    expect(json(outputsOf(report, PATH)['exposed'])).toEqual([`acme/copy@${of('b')}`])
    expect(json(outputsOf(reportOf(), PATH)['exposed'])).toEqual([])
  })

  test('list what is proven gone, and nothing else, sorted and once', () => {
    const { digests, kept } = outputsOf(reportOf({ repositories }), PATH)
    expect(json(digests)).toEqual([of('a'), of('b'), of('x')].sort())
    expect(json(kept)).toEqual([of('k'), of('l')].sort())
  })

  test('do not list what is gone in one repository and not in another', () => {
    const [first] = repositories
    const other = repositoryOf({ blobs: [content('b', { verdict: 'present' })] })
    const { digests } = outputsOf(reportOf({ repositories: [first ?? other, other] }), PATH)
    expect(json(digests)).toEqual([of('a')])
  })

  test('do not list what is gone in one repository and kept in another', () => {
    const report = reportOf({
      repositories: [
        repositoryOf({ result: 'purged', blobs: [gone('a'), gone('b')] }),
        repositoryOf({ result: 'purged', name: 'acme/b', kept: [{ digest: of('b'), heldBy: ['latest'] }] }),
      ],
    })
    const { digests, kept } = outputsOf(report, PATH)
    expect([json(digests), json(kept)]).toEqual([[of('a')], [of('b')]])
  })

  test('list of a dry run what would go', () => {
    const { digests } = outputsOf(
      reportOf({
        result: 'planned',
        repositories: [repositoryOf({ result: 'planned', blobs: [content('c')] })],
      }),
      PATH,
    )
    expect(json(digests)).toEqual([of('c')])
  })

  test('list of a repository that was refused nothing, whatever became of the others', () => {
    const kept = [{ digest: of('k'), heldBy: ['latest'] }]
    const dry = reportOf({
      result: 'refused',
      repositories: [
        repositoryOf({ result: 'planned', blobs: [content('c')], kept: [{ digest: of('l'), heldBy: [] }] }),
        repositoryOf({ result: 'refused', name: 'acme/b', blobs: [content('d')], kept }),
      ],
    })
    const outputs = outputsOf(dry, PATH)
    expect([json(outputs['digests']), json(outputs['kept'])]).toEqual([[of('c')], [of('l')]])
  })

  test('are lists also where there is nothing', () => {
    expect(outputsOf(reportOf(), PATH)).toMatchObject({ digests: '[]', kept: '[]' })
  })

  test('are cut to valid JSON of at most 400,000 characters', () => {
    const all = Array.from({ length: 20_000 }, (_, at) => String(at))
    const many = repositoryOf({
      blobs: all.map(gone),
      kept: all.map((name) => ({ digest: of(`k${name}`), heldBy: ['latest'] })),
    })
    const outputs = outputsOf(reportOf({ repositories: [many] }), PATH)
    const sorted = { digests: all.map(of).sort(), kept: all.map((name) => of(`k${name}`)).sort() }
    for (const name of ['digests', 'kept'] as const) {
      const list = json(outputs[name]) as string[]
      expect(outputs[name]?.length).toBeLessThanOrEqual(400_000)
      expect(list).toEqual(sorted[name].slice(0, list.length))
      expect(JSON.stringify(sorted[name].slice(0, list.length + 1)).length).toBeGreaterThan(400_000)
    }
  })
})
