import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import type { Report } from '../../src/report/report.js'
import { PROBLEM_KINDS } from '../../src/report/words/problem.js'
import { emptyReport, runEngine } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { reported, reportOf, repositoryOf, tagOf } from './reports.js'

interface Schema {
  readonly definitions: {
    readonly problem: {
      readonly properties: { readonly kind: { readonly oneOf: { readonly const: string }[] } }
    }
  }
}
const schema = JSON.parse(readFileSync('schemas/report.schema.json', 'utf8')) as Schema
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)
const registryWith = useRegistries()
const IMAGE = { image: 'acme/search-indexer:debug-42' }

async function purged(inputs: Record<string, string> = {}): Promise<Report> {
  const registry = await registryWith()
  referenceScene(registry.store)
  const { report } = await runEngine(registry, { ...IMAGE, ...inputs })
  return structuredClone(report)
}

describe('a report fits its schema', () => {
  test('after input errors, when there is next to nothing in it', () => {
    expect([validate(emptyReport()), validate.errors]).toEqual([true, null])
  })

  test.each<Record<string, string>>([{}, { 'dry-run': 'true' }, { 'shared-blobs': 'fail' }])(
    'after a run with %j',
    async (inputs) => {
      const report = await purged(inputs)
      expect([validate(report), validate.errors]).toEqual([true, null])
    },
  )
})

describe('a report does not fit its schema', () => {
  type Change = [string, (report: Report) => unknown]
  const changes: Change[] = [
    ['with a property that nobody knows', (report) => ({ ...report, more: 1 })],
    ['without its fingerprint', ({ fingerprint: _, ...rest }) => rest],
    ['with another version', (report) => ({ ...report, schema: 2 })],
    ['with a result that there is none of', (report) => ({ ...report, result: 'done' })],
    [
      'with credentials in the registry',
      (report) => ({ ...report, registry: 'https://me:secret@r.example' }),
    ],
    ['with a password among the inputs', (report) => ({ ...report, inputs: { password: 'x' } })],
    ['with a time that is none', (report) => ({ ...report, startedAt: 'yesterday' })],
    [
      'with a digest that is none',
      (report) => inFirst(report, { kept: [{ digest: 'sha256:zz', heldBy: [] }] }),
    ],
    ['with a tag that is none', (report) => inFirst(report, { kept: [{ digest: hash, heldBy: ['a b'] }] })],
    ['with an outcome that there is none of', (report) => inBlob(report, { outcome: 'erased' })],
    ['with a verdict that there is none of', (report) => inBlob(report, { verdict: 'sure' })],
    ['with rounds below zero', (report) => inBlob(report, { rounds: -1 })],
    ['with more to be said of a blob', (report) => inBlob(report, { content: 'secret' })],
  ]
  test.each(changes)('%s', async (_, change) => {
    const report = await purged()
    expect(validate(report)).toBe(true)
    expect(validate(change(report))).toBe(false)
  })
})

describe('a problem in the schema', () => {
  const withProblem = (problem: unknown) => ({ ...reportOf(), problems: [problem] })
  const inRepository = (problem: unknown) =>
    reportOf({ repositories: [repositoryOf({ problems: [problem as never] })] })

  test('has every kind that a run can report, and no other', () => {
    const kinds = schema.definitions.problem.properties.kind.oneOf.map((each) => each.const)
    expect(kinds).toEqual([...PROBLEM_KINDS].sort())
  })

  test.each([...PROBLEM_KINDS])('fits as %s', (kind) => {
    for (const report of [withProblem, inRepository]) {
      expect(validate(report({ ...reported('what happened', 'acme/app:v1'), kind }))).toBe(true)
      expect(validate(report({ ...reported('what happened'), kind }))).toBe(true)
    }
  })

  test.each<[string, object]>([
    ['a kind that nobody knows', { kind: 'other' }],
    ['a property that nobody knows', { more: 1 }],
    ['no text', { text: '' }],
    ['items that are none', { items: [1] }],
    ['no items', { items: undefined }],
  ])('does not fit with %s', (_, change) => {
    for (const report of [withProblem, inRepository]) {
      const problem = JSON.parse(JSON.stringify({ ...reported('what happened'), ...change })) as unknown
      expect(validate(report(problem))).toBe(false)
    }
  })

  test('does not fit as a text', () => {
    for (const report of [withProblem, inRepository]) expect(validate(report('what happened'))).toBe(false)
  })
})

describe('a tag in the schema', () => {
  test('says whether only its label is deleted', () => {
    const tags = [tagOf('a'), tagOf('b', { onlyLabel: true })]
    const report = reportOf({ repositories: [repositoryOf({ tags })] })
    expect([validate(report), validate.errors]).toEqual([true, null])
    const { onlyLabel: _, ...rest } = tagOf('a')
    for (const tag of [rest, { ...rest, onlyLabel: 'yes' }])
      expect(validate(reportOf({ repositories: [repositoryOf({ tags: [tag as never] })] }))).toBe(false)
  })
})

const hash = `sha256:${'a'.repeat(64)}`

function inFirst(report: Report, change: object): unknown {
  const [first, ...rest] = report.repositories
  return { ...report, repositories: [{ ...first, ...change }, ...rest] }
}

function inBlob(report: Report, change: object): unknown {
  return inFirst(report, { blobs: [{ ...report.repositories[0]?.blobs[0], ...change }] })
}
