import { describe, expect, test } from '@jest/globals'
import { neverDigest, neverTag } from '../../src/proof/never.js'
import { response } from '../registry/wire.js'
import { absent, failure, named, options, reset, toolsOn } from './scripted.js'

describe('the negative control', () => {
  test('requests another random digest each time, on the endpoint that it is for', async () => {
    const { tools, sent } = toolsOn(() => absent())
    for (const endpoint of ['manifests', 'blobs', 'blobs'] as const)
      await neverDigest(tools, options, endpoint)
    const names = named(sent)
    expect(names.map((name) => name.split('/')[0])).toEqual(['manifests', 'blobs', 'blobs'])
    expect(names.every((name) => /\/sha256:[0-9a-f]{64}$/.test(name))).toBe(true)
    expect(new Set(names.map((name) => name.split('/')[1])).size).toBe(3)
    expect(sent.every(({ fresh, purpose }) => fresh && purpose === 'control')).toBe(true)
  })

  test('requests a random tag', async () => {
    const { tools, sent } = toolsOn(() => absent('MANIFEST_UNKNOWN'))
    expect(await neverTag(tools, options)).toEqual({
      is: 'absent',
      how: { status: 404, type: 'application/json', code: 'MANIFEST_UNKNOWN' },
    })
    expect(named(sent)[0]).toMatch(/^manifests\/registry-purge-never-[0-9a-f]{32}$/)
  })

  test.each([200, 401, 503])('says nothing with %i', async (status) => {
    const { tools } = toolsOn(() => response(status))
    expect(await neverDigest(tools, options, 'blobs')).toEqual({
      is: 'unclear',
      flaw: { kind: 'comparison-refused', endpoint: 'blobs', answered: String(status) },
    })
  })

  test('says nothing out of a cache, behind a redirect, or without a response', async () => {
    const cached = toolsOn(() => absent('BLOB_UNKNOWN', { 'x-cache': 'HIT' }))
    expect(await neverDigest(cached.tools, options, 'blobs')).toMatchObject({
      is: 'unclear',
      flaw: { kind: 'comparison-refused', cache: 'x-cache: HIT' },
    })
    const redirected = toolsOn(() => response(404, {}, '', { redirected: true }))
    expect((await neverDigest(redirected.tools, options, 'blobs')).is).toBe('unclear')
    const unanswered = toolsOn(reset)
    expect(await neverDigest(unanswered.tools, options, 'manifests')).toEqual({
      is: 'unclear',
      flaw: { kind: 'comparison-unanswered', endpoint: 'manifests', failure: failure.message },
    })
  })
})
