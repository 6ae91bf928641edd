import { describe, expect, test } from '@jest/globals'
import { ListError, StaleList, UnknownRepository } from '../../../src/survey/errors.js'
import { isAbsentRepository, listTags } from '../../../src/survey/lists/tags.js'
import type { Response } from '../../../src/registry/send.js'
import { response } from '../../registry/wire.js'
import { json, linkTo, ORIGIN, registryOf, REPO, unknown } from '../wire.js'

const LIST = `/v2/${REPO}/tags/list`
const tags = (...names: readonly unknown[]) => ({ name: REPO, tags: names })

async function problemWith(
  answer: Parameters<typeof registryOf>[0],
  more?: Parameters<typeof registryOf>[1],
): Promise<unknown> {
  const error: unknown = await listTags(registryOf(answer, more).client, REPO).catch(
    (reason: unknown) => reason,
  )
  return error instanceof ListError ? error.problem : error
}

describe('the tag list', () => {
  test('is read to the last page, in the order of the registry', async () => {
    const { client, asked } = registryOf((path) =>
      path === LIST ? json(tags('b', 'a'), linkTo(`${LIST}?last=a`)) : json(tags('a', 'c')),
    )
    expect(await listTags(client, REPO)).toEqual(['b', 'a', 'c'])
    expect(asked).toEqual([LIST, `${LIST}?last=a`])
  })

  test.each([[{ tags: null }], [{ name: REPO, tags: null }], [{ name: REPO, tags: [] }], [{ name: REPO }]])(
    'is empty where the registry sends %j',
    async (body) => {
      expect(await listTags(registryOf(() => json(body)).client, REPO)).toEqual([])
    },
  )

  test('is read again from the start if a later page is gone', async () => {
    let reads = 0
    const { client, asked } = registryOf((path) => {
      if (path === LIST) return json(tags('a'), linkTo(`${LIST}?last=a`))
      return ++reads === 1 ? unknown('NAME_UNKNOWN') : json(tags('b'))
    })
    expect(await listTags(client, REPO)).toEqual(['a', 'b'])
    expect(asked).toEqual([LIST, `${LIST}?last=a`, LIST, `${LIST}?last=a`])
  })

  test('is given up if it breaks off three times', async () => {
    const problem = await problemWith((path) =>
      path === LIST ? json(tags('a'), linkTo(`${LIST}?last=a`)) : response(404),
    )
    expect(problem).toEqual({
      kind: 'tag-list-not-whole',
      repository: REPO,
      flaw: { is: 'broken-off', times: 3 },
    })
  })

  test('is read past caches if it comes out of one, and is stale if that does not help', async () => {
    const fresh = registryOf((path) => json(tags('a'), path === LIST ? { age: '7' } : {}))
    expect(await listTags(fresh.client, REPO)).toEqual(['a'])
    expect(fresh.asked).toEqual([LIST, `${LIST}?registry-purge=new`])
    const stale = registryOf(() => json(tags('a'), { age: '7' }))
    await expect(listTags(stale.client, REPO)).rejects.toBeInstanceOf(StaleList)
    expect(await problemWith(() => json(tags('a'), { age: '7' }))).toEqual({
      kind: 'tag-list-stale',
      repository: REPO,
      sign: { is: 'cached', cache: 'age: 7' },
    })
  })

  test('is requested past caches at once if that is wanted', async () => {
    const { client, asked } = registryOf(() => json(tags('a')))
    await listTags(client, REPO, true)
    expect(asked).toEqual([`${LIST}?registry-purge=new`])
  })

  test('of an unknown repository is an error of its own', async () => {
    for (const code of ['NAME_UNKNOWN', 'NOT_FOUND']) {
      const { client } = registryOf(() => unknown(code))
      const error: unknown = await listTags(client, REPO).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(UnknownRepository)
      expect(error).toMatchObject({ message: `${REPO}: repository unknown` })
      expect(error).toMatchObject({ problem: { kind: 'repository-unknown', origin: ORIGIN } })
    }
  })

  test.each([
    ['no-permission-to-list', 403, 'the inputs', {}],
    ['credentials-missing', 401, undefined, { origin: ORIGIN }],
    ['credentials-refused', 401, 'the inputs', { origin: ORIGIN, source: 'the inputs' }],
  ])('that is denied tells the way out: %s', async (kind, status, credentialsFrom, more) => {
    const options = credentialsFrom === undefined ? {} : { credentialsFrom }
    expect(await problemWith(() => response(status), options)).toEqual({
      kind,
      repository: REPO,
      answered: String(status),
      ...more,
    })
  })

  test('that is refused tells what was answered', async () => {
    const refused = { kind: 'tag-list-refused', repository: REPO }
    expect(await problemWith(() => response(500))).toEqual({ ...refused, answered: '500' })
    expect(await problemWith(() => response(404))).toEqual({ ...refused, answered: '404' })
    const text = 'Client sent an HTTP request to an HTTPS server.'
    const origin = 'http://registry.example.com'
    expect(await problemWith(() => response(400, {}, text), { origin })).toMatchObject({
      ...refused,
      https: ORIGIN,
    })
  })

  test.each([
    ['no JSON', response(200, {}, 'x')],
    ['tags that are no list', json({ tags: 'a' })],
    ['an empty object', json({})],
    ['a list', json([])],
    ['the name of another repository alone', json({ name: 'acme/other' })],
    ['the name and something else', json({ name: REPO, message: 'log in' })],
    ['an error', json({ errors: [{ code: 'DENIED' }] })],
  ])('is none where the registry sends %s', async (_, answer) => {
    expect(await problemWith(() => answer)).toEqual({ kind: 'tag-list-invalid', repository: REPO })
  })

  describe('that has entries that are not tags is refused, and the problem names them', () => {
    const digest = (at: number): string => `sha256:${String(at).padStart(64, '0')}`
    const quoted = (at: number): string => JSON.stringify(digest(at))
    const about = { kind: 'tag-list-has-other-names', repository: REPO }

    test('the first few and how many there are, of all pages', async () => {
      const pages: Record<string, Response> = {
        [LIST]: json(tags('v1', ...[1, 2, 3, 4].map(digest)), linkTo(`${LIST}?last=4`)),
        [`${LIST}?last=4`]: json(tags(digest(5), 'v2', digest(6))),
      }
      const entries = [1, 2, 3, 4, 5].map(quoted)
      const problem = await problemWith((path) => pages[path] ?? unknown('NAME_UNKNOWN'))
      expect(problem).toEqual({ ...about, entries, count: 6, digests: true })
    })

    test('before it is said that a page of them alone names nothing new', async () => {
      const problem = await problemWith((path) =>
        path === LIST ? json(tags('v1'), linkTo(`${LIST}?last=v1`)) : json(tags(digest(1)), linkTo(LIST)),
      )
      expect(problem).toEqual({ ...about, entries: [quoted(1)], count: 1, digests: true })
    })

    test('of any kind, each cut to a bounded length', async () => {
      const names = ['a/b', 5, null, { digest: digest(1) }, 'x'.repeat(200)]
      expect(await problemWith(() => json(tags('v1', digest(1), ...names.slice(0, 4))))).toEqual({
        ...about,
        entries: [quoted(1), '"a/b"', '5', 'null', `{"digest":${quoted(1)}}`],
        count: 5,
        digests: false,
      })
      expect(await problemWith(() => json(tags(names[4])))).toMatchObject({
        entries: [`"${'x'.repeat(99)}…`],
      })
    })

    test('without a secret that one of them repeats', async () => {
      const quoting = { body: (text: string) => text, word: () => undefined }
      const problem = await problemWith(() => ({ ...json(tags('se/cret')), quoting }))
      expect(problem).toMatchObject({ entries: ['"(not shown)"'] })
    })
  })
})

test('a response tells whether there is a repository', () => {
  expect(isAbsentRepository(unknown('NAME_UNKNOWN'))).toBe(true)
  expect(isAbsentRepository(response(404))).toBe(false)
})
