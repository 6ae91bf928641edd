import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../src/oci/digest.js'
import { checkControl, type Control } from '../../src/proof/control.js'
import type { Request, Response } from '../../src/registry/send.js'
import { response } from '../registry/wire.js'
import { absent, digestOf, failure, named, options, reset, toolsOn } from './scripted.js'

const digest = sha256('control')
const blob: Control = { kind: 'blob', digest }
const others = ['1', '2', '3', '4'].map((letter): Control => ({ kind: 'blob', digest: digestOf(letter) }))

/** Checks controls against a scripted registry. */
async function checked(controls: readonly Control[], respond: (request: Request) => Response) {
  const { tools, sent } = toolsOn(respond)
  return { ...(await checkControl(tools, options, controls)), sent: named(sent) }
}

describe('content that must be there', () => {
  test('vouches if it comes with its bytes, or is too long to be read', async () => {
    for (const body of ['control', ''])
      expect(await checked([blob], () => response(200, {}, body))).toEqual({
        absent: [],
        sent: [`blobs/${digest}`],
      })
  })

  test('does not vouch with other bytes, and no other is tried', async () => {
    const { flaw, sent } = await checked([blob, ...others], () => response(200, {}, 'other'))
    expect(flaw).toEqual({ kind: 'control-altered', control: blob })
    expect(sent).toHaveLength(1)
  })

  test.each([401, 403, 429, 503])('does not vouch with %i, and no other is tried', async (status) => {
    const { flaw, sent } = await checked([blob, ...others], () => response(status))
    expect(flaw).toEqual({ kind: 'control-refused', control: blob, answered: String(status) })
    expect(sent).toHaveLength(1)
  })

  test('does not vouch if its body was cut off', async () => {
    const { flaw } = await checked([blob], () => response(200, {}, 'control', { cut: true }))
    expect(flaw?.kind).toBe('control-refused')
  })

  test('does not vouch without a response', async () => {
    const { flaw } = await checked([blob], reset)
    expect(flaw).toEqual({ kind: 'control-unanswered', failure: failure.message })
  })

  test('is passed over if it is not there', async () => {
    const respond = ({ url }: Request): Response =>
      url.pathname.endsWith(digest) ? response(200, {}, 'control') : absent()
    const result = await checked([...others.slice(0, 2), blob], respond)
    expect(result.flaw).toBeUndefined()
    expect(result.absent).toEqual([digestOf('1'), digestOf('2')])
  })

  test('is tried three times at most if none is there', async () => {
    const { flaw, absent: missing, sent } = await checked(others, () => absent())
    expect(flaw).toMatchObject({ kind: 'control-refused', control: others[2] })
    expect([missing.length, sent.length]).toEqual([3, 3])
    // A registry that has none of three has nothing any more, whatever it says of a manifest.
    const manifest: Control = { kind: 'manifest', digest }
    expect((await checked([...others, manifest], () => absent())).sent).toHaveLength(3)
  })

  test('there has to be some', async () => {
    expect((await checked([], () => response(200))).flaw).toEqual({ kind: 'no-control' })
  })
})

describe('a control out of a cache', () => {
  const stored = (): Response => response(200, { age: '7' }, 'control')

  test('is requested once more with a query, which passes the cache', async () => {
    const { flaw, sent } = await checked([blob], ({ url }) =>
      url.search === '' ? stored() : response(200, {}, 'control'),
    )
    expect([flaw, sent]).toEqual([undefined, [`blobs/${digest}`, `blobs/${digest}?`]])
  })

  test('does not vouch, and the next one is tried', async () => {
    const manifest: Control = { kind: 'manifest', digest }
    const respond = ({ url }: Request): Response =>
      url.pathname.includes('/blobs/') ? stored() : response(200, {}, 'control')
    expect((await checked([blob], respond)).flaw).toEqual({
      kind: 'control-cached',
      control: blob,
      cache: 'age: 7',
    })
    expect((await checked([blob, manifest], respond)).flaw).toBeUndefined()
  })

  test('vouches behind a redirect: the cache is the storage’s', async () => {
    const { flaw } = await checked([blob], () => response(200, { age: '7' }, 'control', { redirected: true }))
    expect(flaw).toBeUndefined()
  })
})

describe('a repository in which nothing remains', () => {
  const list = '{"name":"acme/app","tags":[]}'
  const where = (tags: Response, base = response(200)) => {
    return ({ url }: Request): Response => (url.pathname === '/v2/' ? base : tags)
  }
  const repository = (empty: boolean): Control[] => [{ kind: 'repository', empty }]

  test('vouches by its tag list and the base of the API', async () => {
    const result = await checked(repository(false), where(response(200, {}, list)))
    expect(result).toEqual({ absent: [], sent: ['tags/list', '/v2/'] })
  })

  test('may be unknown only if no tag remains', async () => {
    const unknown = where(absent('NAME_UNKNOWN'))
    expect((await checked(repository(true), unknown)).flaw).toBeUndefined()
    expect((await checked(repository(false), unknown)).flaw).toMatchObject({
      kind: 'control-refused',
      control: { kind: 'tag list' },
    })
  })

  test('does not vouch with a page that is no tag list', async () => {
    const { flaw } = await checked(repository(true), where(response(200, {}, '<html>')))
    expect(flaw).toEqual({ kind: 'control-no-list' })
  })

  test('does not vouch with a tag list out of a cache', async () => {
    const { flaw } = await checked(repository(true), where(response(200, { age: '1' }, list)))
    expect(flaw).toMatchObject({ kind: 'control-cached', control: { kind: 'tag list' } })
  })

  test.each([401, 404, 503])('does not vouch if the base gets %i', async (status) => {
    const { flaw } = await checked(repository(true), where(response(200, {}, list), response(status)))
    expect(flaw).toEqual({ kind: 'control-refused', control: { kind: '/v2/' }, answered: String(status) })
  })
})
