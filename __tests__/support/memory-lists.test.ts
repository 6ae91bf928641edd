import { describe, expect, test } from '@jest/globals'
import { artifact } from '../../testbed/images/artifacts.js'
import { dockerImage, ociImage } from '../../testbed/images/image.js'
import { ociIndex } from '../../testbed/images/indexes.js'
import { OCI_INDEX } from '../../testbed/images/media-types.js'
import { ask } from './ask.js'
import { pushImage } from './push.js'
import type { MemoryOptions, MemoryRegistry } from './memory-registry.js'
import { useRegistries } from './registries.js'

const open = useRegistries()
const NOWHERE = `sha256:${'ab'.repeat(32)}`

describe('a tag list', () => {
  test('has the children of indexes without a tag if `listsChildren` is set', async () => {
    const registry = await open({ listsChildren: true })
    const [tagged, untagged] = [ociImage('tagged'), ociImage('untagged')]
    pushImage(registry.store, 'app', ociIndex([tagged, untagged]), 'multi')
    pushImage(registry.store, 'app', tagged, 'one')
    pushImage(registry.store, 'app', ociImage('alone'))
    expect((await list(registry)).tags).toEqual(['multi', 'one', untagged.digest])
  })

  test('leaves out its key where it is empty if `omitsEmptyTags` is set', async () => {
    const registry = await lettered({ omitsEmptyTags: true }, 'a')
    const text = async (): Promise<string> => (await ask('GET', `${registry.url}/v2/app/tags/list`)).text
    expect(JSON.parse(await text())).toEqual({ name: 'app', tags: ['a'] })
    registry.store.untag('app', 'a')
    expect(JSON.parse(await text())).toEqual({ name: 'app' })
  })

  test('has a header twice if `repeatsHeaders` names it', async () => {
    const registry = await lettered({ repeatsHeaders: ['Content-Type'] }, 'a')
    const { headers } = await fetch(`${registry.url}/v2/app/tags/list`)
    expect(headers.get('content-type')).toBe('application/json, application/json')
  })
})

async function lettered(options: MemoryOptions = {}, letters = 'abcdef'): Promise<MemoryRegistry> {
  const registry = await open(options)
  for (const letter of letters) pushImage(registry.store, 'app', dockerImage('one'), letter)
  return registry
}

interface Page {
  readonly status: number
  readonly tags: string[] | null | undefined
  readonly link: string | undefined
  readonly code: string | undefined
}

async function list({ url }: MemoryRegistry, query = '', repo = 'app'): Promise<Page> {
  const reply = await ask('GET', `${url}/v2/${repo}/tags/list${query}`)
  const { status, code, text, headers } = reply
  const tags = status === 200 ? (JSON.parse(text) as { tags: string[] | null }).tags : undefined
  return { status, tags, code, link: headers.link as string | undefined }
}

const target = (link: string | undefined): string => /<[^?]*(\?[^>]*)>/.exec(link ?? '')?.[1] ?? ''

/** Follows Link to the end, as long as there is one and a bound is not met. */
async function walk(registry: MemoryRegistry, bound = 20): Promise<(string[] | null | undefined)[]> {
  const pages: (string[] | null | undefined)[] = []
  let query = ''
  do {
    const { tags, link } = await list(registry, query)
    pages.push(tags)
    query = target(link)
  } while (query !== '' && pages.length < bound)
  return pages
}

describe('tags of distribution 3.1.1', () => {
  const next = (last: string, n: number): string => `</v2/app/tags/list?last=${last}&n=${n}>; rel="next"`
  test.each([
    ['', ['a', 'b', 'c', 'd', 'e', 'f'], undefined],
    ['?n=2', ['a', 'b'], next('b', 2)],
    ['?n=2&last=b', ['c', 'd'], next('d', 2)],
    ['?n=6', ['a', 'b', 'c', 'd', 'e', 'f'], next('f', 6)],
    ['?n=6&last=f', null, undefined],
    ['?n=7', ['a', 'b', 'c', 'd', 'e', 'f'], undefined],
    ['?n=5000', ['a', 'b', 'c', 'd', 'e', 'f'], undefined],
    ['?n=0', [], undefined],
    ['?n=2&last=bb', ['c', 'd'], next('d', 2)],
    ['?last=d', ['e', 'f'], undefined],
  ])('%j', async (query, tags, link) => {
    expect(await list(await lettered(), query)).toEqual({ status: 200, tags, link, code: undefined })
  })

  test.each(['?n=-1', '?n=x'])('%j is refused', async (query) => {
    expect(await list(await lettered(), query)).toMatchObject({
      status: 400,
      code: 'PAGINATION_NUMBER_INVALID',
    })
  })

  test('more than 1000 are never on one page of a size that was asked for', async () => {
    const registry = await open()
    for (let number = 0; number < 1001; number += 1) registry.store.tag('app', `t${number}`, NOWHERE)
    expect((await list(registry)).tags).toHaveLength(1001)
    const page = await list(registry, '?n=2000')
    expect([page.tags?.length, target(page.link)]).toEqual([1000, '?last=t998&n=1000'])
  })

  test('a repository without tags, and one that never had any', async () => {
    const registry = await lettered({}, 'a')
    registry.store.untag('app', 'a')
    registry.store.putBlob('blobs', 'x')
    expect(await list(registry)).toMatchObject({ status: 200, tags: null })
    expect(await list(registry, '', 'blobs')).toMatchObject({ status: 404, code: 'NAME_UNKNOWN' })
    registry.options.unknownIsEmpty = true
    expect(await list(registry, '', 'nope')).toMatchObject({ status: 200, tags: [] })
  })
})

test('2.8 ignores n and gives no order', async () => {
  const registry = await lettered({ dialect: '2.8' })
  const page = await list(registry, '?n=2&last=c')
  expect(page.link).toBeUndefined()
  expect(page.tags).not.toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect(page.tags?.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
})

test('zot', async () => {
  const registry = await lettered({ dialect: 'zot' })
  expect((await list(registry, '?n=2')).link).toBe('</v2/app/tags/list?n=2&last=b>; rel="next"')
  expect(await list(registry, '?n=-1')).toMatchObject({ status: 400, code: undefined })
  for (const letter of 'abcdef') registry.store.untag('app', letter)
  expect((await list(registry)).tags).toEqual([])
})

describe('pages', () => {
  const whole = [
    ['a', 'b'],
    ['c', 'd'],
    ['e', 'f'],
  ]
  const cases: [string, MemoryOptions['paging'] & object, (string[] | null)[], RegExp][] = [
    ['relative', { size: 2 }, whole, /^<\/v2\/app\/tags\/list\?last=b&n=2>; rel="next"$/],
    ['unquoted', { size: 2, rel: 'unquoted' }, whole, /; rel=next$/],
    ['absolute', { size: 2, target: 'absolute' }, whole, /^<http:\/\/127\.0\.0\.1:\d+\/v2\/app/],
    ['foreign', { size: 2, target: 'foreign' }, whole, /^<http:\/\/elsewhere\.invalid\/v2\/app/],
    [
      'foreign, given',
      { size: 2, target: 'foreign', foreignOrigin: 'https://x.test' },
      whole,
      /^<https:\/\/x\.test\/v2/,
    ],
    ['an empty last one', { size: 2, emptyLast: true }, [...whole, null], /n=2/],
    [
      'an empty one after a short one',
      { size: 4, emptyLast: true },
      [['a', 'b', 'c', 'd'], ['e', 'f'], null],
      /n=4/,
    ],
  ]
  test.each(cases)('%s', async (_, paging, pages, link) => {
    const registry = await lettered({ paging })
    expect((await list(registry)).link).toMatch(link)
    expect(await walk(registry)).toEqual(pages)
  })

  test('smaller than what was asked for', async () => {
    const registry = await lettered({ paging: { size: 2 } })
    expect(await list(registry, '?n=5')).toMatchObject({ tags: ['a', 'b'] })
  })

  test('repeated: without an end', async () => {
    const registry = await lettered({ paging: { size: 2, target: 'repeated' } })
    expect(await walk(registry, 4)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
      ['c', 'd'],
    ])
  })

  test('missingOnce: the second page is not found the first time', async () => {
    const registry = await lettered({ paging: { size: 2, missingOnce: true } })
    const { link } = await list(registry)
    expect((await list(registry, target(link))).status).toBe(404)
    expect(await walk(registry)).toEqual(whole)
  })

  test.each([
    ['right', ['c', 'd']],
    ['skips', ['d', 'e']],
  ] as const)('goneLast: %s', async (goneLast, tags) => {
    const registry = await lettered({ paging: { size: 2, goneLast } })
    const { link } = await list(registry)
    registry.store.untag('app', 'b')
    expect((await list(registry, target(link))).tags).toEqual(tags)
  })

  test('refuseN', async () => {
    const registry = await lettered({ refuseN: true })
    expect((await list(registry, '?n=1000')).code).toBe('PAGINATION_NUMBER_INVALID')
    expect((await list(registry)).tags).toHaveLength(6)
  })
})

test('lists that lie', async () => {
  const registry = await lettered({
    unlisted: ['a', 'app:b', 'other:c'],
    extraListed: ['x', 'app:y', 'other:z'],
  })
  expect((await list(registry)).tags).toEqual(['c', 'd', 'e', 'f', 'x', 'y'])
  const status = async (method: string, tag: string): Promise<number> =>
    (await ask(method, `${registry.url}/v2/app/manifests/${tag}`)).status
  expect([await status('GET', 'a'), await status('GET', 'x'), await status('HEAD', 'y')]).toEqual([
    200, 404, 404,
  ])
  expect([await status('DELETE', 'x'), await status('DELETE', 'y')]).toEqual([202, 202])
  expect((await list(registry)).tags).toEqual(['c', 'd', 'e', 'f'])
})

describe('the catalog', () => {
  async function catalog(
    registry: MemoryRegistry,
    query = '',
  ): Promise<[string[] | number, string | undefined]> {
    const { status, text, headers } = await ask('GET', `${registry.url}/v2/_catalog${query}`)
    if (status !== 200) return [status, undefined]
    return [(JSON.parse(text) as { repositories: string[] }).repositories, headers.link as string | undefined]
  }

  test('pages at 100, keeps what was emptied, leaves out what holds only blobs', async () => {
    const registry = await open()
    for (let number = 100; number < 205; number += 1) registry.store.tag(`r${number}`, 't', NOWHERE)
    registry.store.putBlob('blobs', 'x')
    registry.store.untag('r100', 't')
    const [first, link] = await catalog(registry)
    expect(first).toHaveLength(100)
    expect(link).toBe('</v2/_catalog?last=r199&n=100>; rel="next"')
    expect(await catalog(registry, target(link))).toEqual([
      ['r200', 'r201', 'r202', 'r203', 'r204'],
      undefined,
    ])
    expect((await catalog(registry, '?n=105'))[1]).toBeUndefined()
    expect((await catalog(registry, '?n=1001'))[0]).toBe(400)
    registry.options.dialect = '2.8'
    expect((await catalog(registry))[0]).toContain('blobs')
    registry.options.noCatalog = true
    expect((await catalog(registry))[0]).toBe(404)
  })

  test.each(['', '?n=1', '?n=1000'])('many repositories, from link to link: %j', async (query) => {
    const registry = await open()
    const names = Array.from({ length: 250 }, (_, number) => `team/r${String(number).padStart(3, '0')}`)
    for (const name of names) registry.store.tag(name, 't', NOWHERE)
    const seen: string[] = []
    let next = query
    do {
      const [repositories, link] = await catalog(registry, next)
      seen.push(...(repositories as string[]))
      next = target(link)
    } while (next !== '')
    expect(seen).toEqual(names)
  })

  test.each([
    [401, 'UNAUTHORIZED'],
    [403, 'DENIED'],
  ] as const)('%d for who may not see it', async (status, code) => {
    const registry = await lettered({
      permissions: ({ action }) => (action === 'catalog' ? status : undefined),
    })
    const reply = await ask('GET', `${registry.url}/v2/_catalog`)
    expect([reply.status, reply.code]).toEqual([status, code])
    if (status === 401) expect(reply.text).toContain('"Name":"catalog","Action":"*"')
    expect((await list(registry)).status).toBe(200)
  })
})

describe('the referrers API', () => {
  const subject = ociImage('subject')
  const sbom = artifact('sbom', { subject, annotations: { a: 'b' } })
  const signature = artifact('signature', { subject, artifactType: 'application/sig' })

  async function scene(options: MemoryOptions): Promise<MemoryRegistry> {
    const registry = await open(options)
    for (const image of [subject, sbom, signature]) pushImage(registry.store, 'app', image)
    return registry
  }

  async function entries(registry: MemoryRegistry, query = '', digest = subject.digest) {
    const reply = await ask('GET', `${registry.url}/v2/app/referrers/${digest}${query}`)
    const { manifests } = JSON.parse(reply.text || '{}') as { manifests?: Record<string, unknown>[] }
    return { ...reply, manifests: manifests ?? [] }
  }

  test('from the subjects, also when the subject is gone', async () => {
    const registry = await scene({ referrers: true })
    registry.store.deleteManifest('app', subject.digest)
    const { status, headers, manifests } = await entries(registry)
    expect([status, headers['content-type']]).toEqual([200, OCI_INDEX])
    expect(manifests).toContainEqual({
      mediaType: sbom.mediaType,
      digest: sbom.digest,
      size: sbom.size,
      artifactType: 'application/vnd.example.sbom',
      annotations: { a: 'b' },
    })
    expect(manifests).toHaveLength(2)
    expect(await entries(registry, '', NOWHERE)).toMatchObject({ status: 200, manifests: [] })
    expect((await entries(registry, '', 'sha256:zz')).status).toBe(400)
  })

  test('by type, in pages, or as given', async () => {
    const registry = await scene({ referrers: true, referrersPageSize: 1 })
    const typed = await entries(registry, '?artifactType=application/sig')
    expect(typed.headers['oci-filters-applied']).toBe('artifactType')
    expect(typed.manifests.map(({ digest }) => digest)).toEqual([signature.digest])
    const first = await entries(registry)
    const second = await entries(registry, target(first.headers.link as string))
    expect([...first.manifests, ...second.manifests].map(({ digest }) => digest).toSorted()).toEqual(
      [sbom.digest, signature.digest].toSorted(),
    )
    expect(second.headers.link).toBeUndefined()
    const entry = { mediaType: OCI_INDEX, digest: NOWHERE, size: 1 }
    registry.options.referrers = (repo, digest) =>
      repo === 'app' && digest === subject.digest ? [entry] : []
    expect((await entries(registry)).manifests).toEqual([entry])
  })

  test.each([
    [{}, 'rel="next"'],
    [{ unquotedLinks: true }, 'rel=next'],
  ])('pages are linked by a path alone: %j', async (options, rel) => {
    const registry = await scene({ referrers: true, referrersPageSize: 1, ...options })
    const { headers } = await entries(registry)
    expect(headers.link).toBe(`</v2/app/referrers/${subject.digest}?from=1>; ${rel}`)
  })

  test('what is asked for in another repository is nothing', async () => {
    const registry = await scene({ referrers: true })
    const reply = await ask('GET', `${registry.url}/v2/nope/referrers/${subject.digest}`)
    expect([reply.status, JSON.parse(reply.text)]).toMatchObject([200, { manifests: [] }])
  })

  test('referrersTwist, by digest and page', async () => {
    const asked: unknown[] = []
    const registry = await scene({
      referrers: true,
      referrersPageSize: 1,
      referrersTwist: (repo, digest, page) => {
        asked.push([repo, digest, page])
        if (digest === NOWHERE) return { status: 404, body: '404 page not found\n' }
        if (digest === sbom.digest) return 'reset'
        return page === 2 ? { status: 500, body: { errors: [{ code: 'UNKNOWN' }] } } : undefined
      },
    })
    const first = await entries(registry)
    expect([first.status, first.manifests.length]).toEqual([200, 1])
    expect(await entries(registry, target(first.headers.link as string))).toMatchObject({
      status: 500,
      code: 'UNKNOWN',
    })
    const missing = await ask('GET', `${registry.url}/v2/app/referrers/${NOWHERE}`)
    expect([missing.status, missing.text]).toEqual([404, '404 page not found\n'])
    expect((await entries(registry, '', sbom.digest)).error).toBe('ECONNRESET')
    expect(asked).toEqual([
      ['app', subject.digest, 1],
      ['app', subject.digest, 2],
      ['app', NOWHERE, 1],
      ['app', sbom.digest, 1],
    ])
  })

  test('a push tells that its subject was understood, where it was', async () => {
    for (const [referrers, told] of [
      [true, subject.digest],
      [false, undefined],
    ] as const) {
      const registry = await scene({ referrers })
      const question = { headers: { 'content-type': sbom.mediaType }, body: sbom.bytes }
      const reply = await ask('PUT', `${registry.url}/v2/app/manifests/${sbom.digest}`, question)
      expect([reply.status, reply.headers['oci-subject']]).toEqual([201, told])
    }
  })
})

describe('serverless-registry', () => {
  test('links on from every page, and from an empty one to the beginning', async () => {
    const paging = { size: 4, circle: true, header: (target: string) => `${target}; rel=next` }
    const registry = await lettered({ paging })
    const links = ['?last=d&n=4', '?last=f&n=4', '?last=&n=4']
    for (const [at, query] of ['', ...links.slice(0, 2)].entries())
      expect((await list(registry, query)).link).toBe(`/v2/app/tags/list${links[at] ?? ''}; rel=next`)
    expect((await list(registry, '?last=f')).tags).toBeNull()
  })

  test('pages its catalog by keys, with a Link without port and brackets', async () => {
    const registry = await lettered({ catalogOfKeys: true })
    const page = async (query: string): Promise<[unknown, unknown]> => {
      const { text, headers } = await ask('GET', `${registry.url}/v2/_catalog${query}`)
      return [JSON.parse(text), headers.link]
    }
    const base = 'http://127.0.0.1/v2/_catalog?n=1000&last='
    expect(await page('')).toEqual([{ repositories: ['app'] }, `${base}app/manifests/f; rel=next`])
    expect(await page('?last=app/manifests/f')).toEqual([{ repositories: [] }, `${base}; rel=next`])
  })
})
