import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { startServer } from '../support/round-robin.js'
import { expectResult, purge, type Inputs, type Run } from '../support/support.js'

const right = { image: 'acme/app:leak' }

/** Runs with these inputs against a registry that counts who comes. */
async function expectNothingSent(inputs: Inputs, env: Record<string, string> = {}): Promise<Run> {
  const registry = await startServer((_, answer) => answer.end('{}'))
  const run = await purge({ url: registry.url }, { ...right, ...inputs }, { env })
  expectResult(run, 'refused')
  expect(registry.sockets()).toBe(0)
  expect(run.output.groups).toEqual([])
  expect(run.report).toMatchObject({ result: 'refused', repositories: [], requests: {}, fingerprint: null })
  expect(run.report.problems.length).toBeGreaterThan(0)
  return run
}

test('all problems are reported at once, and nothing is sent', async () => {
  const run = await expectNothingSent({
    image: 'acme/app@sha256:zz',
    'dry-run': 'yes',
    'shared-blobs': 'keep-all',
    'verify-attempts': '101',
    'verify-interval': '1 s',
    concurrency: '0',
    timeout: '0s',
    approve: 'sure',
    'protected-tags': '^v1\\.',
    username: 'someone',
  })
  const inputs = [
    ...['image', 'dry-run', 'shared-blobs', 'verify-attempts', 'verify-interval', 'concurrency', 'timeout'],
    ...['approve', 'protected-tags', 'password'],
  ]
  const named = (run.report.problems as { items: string[] }[]).flatMap(({ items }) => items)
  expect(named.sort()).toEqual(inputs.sort())
  for (const input of inputs) expect(run.errors).toContain(`${input}: `)
  expect(run.errors).toContain('sha256:zz')
  expect(run.summary).toContain('sha256:zz')
})

test.each([
  ['dry_run', 'true', 'dry-run'],
  ['exclude-tags', 'latest', 'protected-tags'],
  ['tag', 'leak', 'image'],
  ['keep', '3', 'keep-newest'],
  ['resume', 'report.json', undefined],
])('an input %s, which is not declared, is an error', async (name, value, nearest) => {
  const run = await expectNothingSent({ [name]: value })
  expect(run.errors).toContain(`"${name}" is not an input of this action`)
  if (nearest !== undefined) expect(run.errors).toContain(`The nearest is \`${nearest}\``)
})

test.each([
  ['dry-run', 'false'],
  ['protected-tags', 'none'],
  ['shared-blobs', 'keep'],
  ['approve', 'any'],
  ['verify-attempts', '5'],
  ['timeout', '30m'],
])('%s that arrives empty is an error, with the cure', async (name, value) => {
  const run = await expectNothingSent({ [name]: name === 'dry-run' ? '  ' : '' })
  expect(run.errors).toContain(`${name}: `)
  expect(run.errors).toContain(`\${{ … || '${value}' }}`)
})

test('a password without a user is an error that does not show it', async () => {
  const run = await expectNothingSent({ password: 'correct-horse-battery' })
  expect(run.errors).toContain('username: ')
})

test('a registry that contradicts the host in image is an error', async () => {
  const run = await expectNothingSent({ image: 'registry.example.com:5000/acme/app:leak' })
  expect(run.errors).toMatch(/registry: .*registry\.example\.com:5000/)
})

test('neither image nor blobs is an error', async () => {
  const run = await expectNothingSent({ image: '# nothing yet\n' })
  expect(run.errors).toContain('image: nothing is named')
})

test('the report of an input error goes where report-file says', async () => {
  const run = await expectNothingSent({ image: 'Acme/App:leak', 'report-file': 'out/report.json' })
  expect(run.reportPath).toBe(`${run.workspace}/out/report.json`)
  expect(JSON.parse(readFileSync(`${run.workspace}/out/report.json`, 'utf8'))).toEqual(run.report)
})
