import { describe, expect, test } from '@jest/globals'
import { signature, signatureTag } from '../../testbed/images/artifacts.js'
import type { GivenAnswer } from '../support/memory/answer.js'
import { runEngine } from '../support/engine.js'
import { pushImage } from '../support/push.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'
import { expectUntouched, LEAK, REPO } from './purged.js'

const registryWith = useRegistries()
const html = { 'Content-Type': 'text/html' }

const ABSENT: readonly [product: string, answer: GivenAnswer][] = [
  ['Artifactory', { status: 406 }],
  ['a registry that judges the path first', { status: 400, body: { errors: [{ code: 'NAME_INVALID' }] } }],
  ['a firewall', { status: 403, headers: html, body: '<html>blocked</html>' }],
  ['a registry that has not built it', { status: 501 }],
  ['a registry with a web page for every path', { status: 200, headers: html, body: '<html></html>' }],
  ['a registry with JSON for every path', { status: 200, body: { results: [] } }],
  ['Harbor, for what it does not know', { status: 200, body: {} }],
]

describe('a registry that does not offer the referrers API', () => {
  test.each(ABSENT)('%s: signatures are found by their tags', async (_, answer) => {
    const registry = await registryWith({ referrersTwist: () => answer })
    const scene = referenceScene(registry.store)
    const [own, other] = [signature('own', scene.leak), signature('other', scene.latest)]
    pushImage(registry.store, REPO, own, signatureTag(scene.leak.digest))
    pushImage(registry.store, REPO, other, signatureTag(scene.latest.digest))
    const run = await runEngine(registry, LEAK)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(registry.store.hasManifest(REPO, own.digest)).toBe(false)
    expect(registry.store.hasManifest(REPO, other.digest)).toBe(true)
    expectUntouched(registry, scene, ['debug-42'])
  })
})
