import { describe, expect, test } from '@jest/globals'
import type { Tag } from '../../src/oci/tag.js'
import type { Finding } from '../../src/plan/standing.js'
import { check, compare, see, worse } from '../../src/proof/finding.js'
import { response } from '../registry/wire.js'
import { absent, digestOf, failure, named, options, toolsOn } from './scripted.js'

const BLOB = { kind: 'blob', name: digestOf('a') } as const
const json = 'application/json'
const how = { status: 404, type: json, code: 'BLOB_UNKNOWN' }

describe('what a response says', () => {
  test('a 404 or 410 is absent, in a certain way', () => {
    expect(see(absent(), 'blobs')).toEqual({ is: 'absent', how })
    expect(see(response(410), 'blobs')).toEqual({ is: 'absent', how: { status: 410, type: '', code: '' } })
  })

  test('a 404 out of a cache is inconclusive', () => {
    expect(see(absent('BLOB_UNKNOWN', { age: '7' }), 'blobs')).toEqual({
      is: 'inconclusive',
      flaw: { kind: 'cached-absence', status: 404, cache: 'age: 7' },
    })
  })

  test('a 2xx is present, also out of a cache or without its content', () => {
    expect(see(response(200, {}, 'content'), 'blobs')).toEqual({
      is: 'present',
      endpoint: 'blobs',
      flaw: { kind: 'served', status: 200, headersOnly: false },
    })
    expect(see(response(200, { age: '7' }, '', { cut: true }), 'manifests')).toEqual({
      is: 'present',
      endpoint: 'manifests',
      flaw: { kind: 'served', status: 200, headersOnly: true, cache: 'age: 7' },
    })
  })

  test('any response of a storage behind a redirect is present: the registry still knows it', () => {
    for (const status of [200, 404, 503])
      expect(see(response(status, {}, '', { redirected: true }), 'blobs')).toMatchObject({
        is: 'present',
        flaw: { kind: 'redirected' },
      })
  })

  test.each([301, 401, 403, 429, 500, 503])('a %i is inconclusive', (status) => {
    expect(see(response(status), 'blobs')).toEqual({
      is: 'inconclusive',
      flaw: { kind: 'proves-nothing', answered: String(status) },
    })
  })

  test('no response is inconclusive', () => {
    expect(see(failure, 'blobs')).toEqual({
      is: 'inconclusive',
      flaw: { kind: 'proves-nothing', answered: failure.message },
    })
  })
})

describe('a check', () => {
  test('is sent on a connection of its own, to the endpoint of its item', async () => {
    const { tools, sent } = toolsOn(() => absent())
    await check(tools, options, BLOB, 'blobs')
    await check(tools, options, { kind: 'manifest', name: digestOf('b') }, 'manifests')
    await check(tools, options, { kind: 'manifest', name: digestOf('b') }, 'blobs')
    await check(tools, options, { kind: 'tag', name: 'debug' as Tag }, 'manifests')
    expect(named(sent)).toEqual([
      `blobs/${digestOf('a')}`,
      `manifests/${digestOf('b')}`,
      `blobs/${digestOf('b')}`,
      'manifests/debug',
    ])
    expect(new Set(sent.map(({ fresh, purpose }) => `${fresh} ${purpose}`))).toEqual(new Set(['true verify']))
  })

  test('is repeated with a query if its 404 comes out of a cache', async () => {
    const { tools, sent } = toolsOn(({ url }) =>
      url.search === '' ? absent('BLOB_UNKNOWN', { age: '7' }) : absent(),
    )
    const { seen } = await check(tools, options, BLOB, 'blobs')
    expect([seen.is, sent.length]).toEqual(['absent', 2])
  })

  test('is not repeated for a 200 out of a cache: it is served', async () => {
    const { tools, sent } = toolsOn(() => response(200, { age: '7' }))
    const { seen } = await check(tools, options, BLOB, 'blobs')
    expect([seen.is, sent.length]).toEqual(['present', 1])
  })

  test('hands on the failures before its response', async () => {
    const { tools } = toolsOn(() => ({ ...absent(), lost: ['503', 'ECONNRESET'] }))
    expect((await check(tools, options, BLOB, 'blobs')).lost).toEqual(['503', 'ECONNRESET'])
  })
})

describe('a 404 is the registry’s own', () => {
  test('if what never existed gets the same', () => {
    expect(compare({ is: 'absent', how }, how)).toEqual({ is: 'gone' })
  })

  test.each([{ status: 410 }, { type: 'text/html' }, { code: 'NAME_UNKNOWN' }])(
    'and not with %j',
    (other) => {
      expect(compare({ is: 'absent', how: { ...how, ...other } }, how)).toMatchObject({
        is: 'inconclusive',
        flaw: { kind: 'foreign-absence', never: '404 application/json BLOB_UNKNOWN' },
      })
    },
  )
})

describe('the worse of two findings', () => {
  const gone: Finding = { is: 'gone' }
  const flaw = { kind: 'served', status: 200, headersOnly: false } as const
  const asBlob: Finding = { is: 'present', endpoint: 'blobs', flaw }
  const asManifest: Finding = { is: 'present', endpoint: 'manifests', flaw }
  const unclear: Finding = { is: 'inconclusive', flaw: { kind: 'proves-nothing', answered: '503' } }

  test.each([
    [undefined, gone, gone],
    [gone, unclear, unclear],
    [unclear, gone, unclear],
    [unclear, asBlob, asBlob],
    [asBlob, unclear, asBlob],
    [asBlob, gone, asBlob],
    // The manifest is deleted first: the blob may only mirror it.
    [asBlob, asManifest, asManifest],
    [asManifest, asBlob, asManifest],
  ])('%j and %j', (one, other, worst) => {
    expect(worse(one, other)).toBe(worst)
  })
})
