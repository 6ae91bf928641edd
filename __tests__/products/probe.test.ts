import { describe, expect, test } from '@jest/globals'
import type { GivenAnswer } from '../support/memory/answer.js'
import type { RecordedRequest } from '../support/memory-registry.js'
import { useRegistries } from '../support/registries.js'
import { runEngine } from '../support/engine.js'
import { referenceScene } from '../support/scene.js'
import { expectPurged, expectRefused, LEAK } from './purged.js'

const registryWith = useRegistries()
const html = { 'Content-Type': 'text/html' }
const kindOf = ({ method, route }: RecordedRequest): string => (method === 'DELETE' ? route.kind : '')
const code = (text: string): object => ({ errors: [{ code: text }] })

const CASES: readonly [what: string, kind: 'manifest' | 'blob', answer: GivenAnswer, said: RegExp][] = [
  [
    'accepts the deletion of any manifest',
    'manifest',
    { status: 202 },
    /manifests .*accepted the deletion of something that never existed/,
  ],
  ['says 200 to any blob', 'blob', { status: 200 }, /accepted the deletion of something that never existed/],
  [
    'redirects a DELETE',
    'manifest',
    { status: 301, headers: { Location: 'https://elsewhere.invalid/' } },
    /A DELETE is never redirected\. Write in `registry` the address/,
  ],
  ['has not built it', 'blob', { status: 501 }, /It has no endpoint for this/],
  [
    'has no such route (ECR, formerly)',
    'manifest',
    { status: 404, headers: { 'Content-Type': 'text/plain' }, body: '404 page not found\n' },
    /It has no endpoint for this/,
  ],
  [
    'has one blob store for all repositories (crane registry serve)',
    'blob',
    { status: 500, headers: { 'Content-Type': 'text/plain' }, body: 'internal error' },
    /keeps the blobs of all repositories in one store/,
  ],
  ['fails', 'manifest', { status: 500, body: code('UNKNOWN') }, /It failed, or something in front of it did/],
  [
    'is behind a firewall that says 403',
    'manifest',
    { status: 403, headers: html, body: '<html><body>Request blocked</body></html>' },
    /Something in front of the registry answered/,
  ],
  [
    'is behind an nginx that says 405',
    'manifest',
    { status: 405, headers: html, body: '<html><head><title>405 Not Allowed</title></head></html>' },
    /Something in front of the registry answered/,
  ],
  [
    'is behind a gateway with a page for 404',
    'blob',
    { status: 404, headers: html, body: '<!DOCTYPE html><html></html>' },
    /Something in front of the registry answered/,
  ],
  [
    'says 400 (zot, unknown repository)',
    'manifest',
    { status: 400, body: code('NAME_UNKNOWN') },
    /returns 404 with a code such as MANIFEST_UNKNOWN/,
  ],
]

describe('a registry whose answer to the probe is not clear', () => {
  test.each(CASES)('%s: refused, with a sentence of its own', async (_, kind, answer, said) => {
    const registry = await registryWith({
      intercept: (request) => (kindOf(request) === kind ? answer : undefined),
    })
    const { problems } = await expectRefused(registry, said)
    expect(problems).not.toMatch(/storage\.delete\.enabled|turn (?:deletion|it) on/i)
  })
})

describe('a registry that says 202 to the DELETE of any blob (Gitea)', () => {
  test('is purged: the answer for the random manifest was a clean one', async () => {
    await expectPurged(await registryWith({ blobDeleteAlways202: true, tagDeleteTakesManifest: true }))
  })

  test('is refused if the answer for the random manifest was not clean', async () => {
    const registry = await registryWith({
      blobDeleteAlways202: true,
      intercept: (request) => (kindOf(request) === 'manifest' ? { status: 202 } : undefined),
    })
    await expectRefused(registry, /accepted the deletion of something that never existed/)
  })

  test('is refused if manifests cannot be deleted', async () => {
    const registry = await registryWith({ blobDeleteAlways202: true, unsupported: { manifest: 405 } })
    await expectRefused(registry, /Turn deletion on/)
  })
})

describe('a firewall that says 403 to the probe', () => {
  test('lets a dry run plan, with a warning that names it', async () => {
    const registry = await registryWith({
      intercept: ({ method }) =>
        method === 'DELETE'
          ? { status: 403, headers: html, body: '<html><body>Request blocked</body></html>' }
          : undefined,
    })
    referenceScene(registry.store)
    const run = await runEngine(registry, { ...LEAK, 'dry-run': 'true' })
    expect(run.result).toBe('planned')
    expect(run.log.join('\n')).toContain('Something in front of the registry answered')
  })
})
