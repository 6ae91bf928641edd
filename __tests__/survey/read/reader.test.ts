import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import { Stopped, WireError } from '../../../src/registry/errors.js'
import type { Response } from '../../../src/registry/send.js'
import { Reader } from '../../../src/survey/read/reader.js'
import { request, response } from '../../registry/wire.js'
import { json, ORIGIN, registryOf, REPO, unknown } from '../wire.js'

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const TAG = 'latest' as Tag

interface Made {
  readonly digest: Digest
  readonly answer: Response
}

function made(type: string, content: object): Made {
  const body = JSON.stringify({ schemaVersion: 2, mediaType: type, ...content })
  return { digest: sha256(body), answer: response(200, { 'content-type': type }, body) }
}

const image = (name: string, more: object = {}): Made =>
  made(IMAGE, {
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: sha256(`config of ${name}`),
      size: 1,
    },
    layers: [],
    ...more,
  })
const indexOf = (...children: readonly Made[]): Made =>
  made(INDEX, { manifests: children.map(({ digest }) => ({ mediaType: IMAGE, digest, size: 1 })) })

/** A reader of a registry that serves manifests by digest, and tags. */
function readerOf(
  manifests: readonly Made[],
  tags: Readonly<Record<string, Response | Error>> = {},
  referrers: (subject: string) => Response = () =>
    response(404, { 'content-type': 'text/plain' }, '404 page not found'),
) {
  const served = new Map<string, Response>(manifests.map(({ digest, answer }) => [digest, answer]))
  const { tools, asked } = registryOf((path) => {
    const [, kind = '', reference = ''] = /\/(manifests|referrers)\/([^?]*)/.exec(path) ?? []
    if (kind === 'referrers') return referrers(reference)
    return tags[reference] ?? served.get(reference) ?? unknown('MANIFEST_UNKNOWN')
  })
  return { reader: new Reader(tools, REPO, { referrers: true }), tools, asked }
}

describe('a tag', () => {
  test('resolves to the digest of its bytes, and everything below it is read once', async () => {
    const [one, two] = [image('one'), image('two')]
    const index = indexOf(one, two)
    const { reader, asked } = readerOf([one, two, index], { latest: index.answer, other: index.answer })
    const tags = await reader.tags(new Set([TAG, 'other' as Tag]))
    expect([...tags]).toEqual(
      ['latest', 'other'].map((tag) => [tag, { is: 'resolved', digest: index.digest }]),
    )
    expect([...reader.manifests.keys()].sort()).toEqual([one, two, index].map(({ digest }) => digest).sort())
    expect(asked.filter((path) => path.includes(one.digest) && path.includes('/manifests/'))).toHaveLength(1)
  })

  test('is unknown only after two plain 404s, the second one past caches', async () => {
    const { reader, asked } = readerOf([])
    expect(await reader.tag(TAG)).toEqual({ is: 'unknown' })
    expect(asked).toEqual([`/v2/${REPO}/manifests/latest`, `/v2/${REPO}/manifests/latest?registry-purge=new`])
  })

  test.each([
    ['an error', response(500), 'unreadable', { is: 'refused', answered: '500' }],
    ['a bare 404', response(404), 'unreadable', { is: 'refused', answered: '404' }],
    ['a cut body', response(200, {}, '{', { cut: true }), 'unreadable', { is: 'cut-off' }],
    ['a cached response', json({}, { age: '7' }), 'unreadable', { is: 'cached', cache: 'age: 7' }],
    [
      'another digest in its header',
      json({}, { 'docker-content-digest': sha256('x') }),
      'lie',
      { is: 'other-header' },
    ],
  ])('cannot be read: %s', async (_, answer, is, why) => {
    const { reader } = readerOf([], { latest: answer })
    expect(await reader.tag(TAG)).toEqual({ is, why })
  })

  test('without a response cannot be read, and cancellation passes', async () => {
    const failure = new WireError(request(ORIGIN), 'timeout', 'ETIMEDOUT')
    expect(await readerOf([], { latest: failure }).reader.tag(TAG)).toEqual({
      is: 'unreadable',
      why: { is: 'unanswered', message: failure.message },
    })
    await expect(readerOf([], { latest: new Stopped() }).reader.tag(TAG)).rejects.toBeInstanceOf(Stopped)
  })
})

describe('a digest', () => {
  test('that does not come is missing, and other bytes are a lie', async () => {
    const [one, two] = [image('one'), image('two')]
    const { reader } = readerOf([{ digest: one.digest, answer: two.answer }])
    await reader.digests([one.digest, two.digest])
    expect(reader.missing.get(two.digest)).toEqual({ is: 'missing' })
    expect(reader.missing.get(one.digest)).toEqual({
      is: 'lie',
      why: { is: 'other-bytes', named: one.digest, digest: two.digest },
    })
  })

  test('is not read again by a later reader, unless it could not be read', async () => {
    const one = image('one')
    const lost = sha256('lost')
    const first = readerOf([one])
    await first.reader.digests([one.digest, lost])
    first.reader.missing.set(sha256('broken'), { is: 'unreadable', why: { is: 'refused', answered: '500' } })
    const second = new Reader(first.tools, REPO, { referrers: true, known: first.reader })
    expect([...second.manifests.keys()]).toEqual([one.digest])
    expect([...second.missing.keys()]).toEqual([lost])
  })
})

describe('referrers', () => {
  const subject = image('subject')
  const signature = image('signature')
  const entries = (...digests: readonly Digest[]): Response =>
    json({ manifests: digests.map((digest) => ({ digest })) })

  test('are read with what they refer to, but for those that are gone', async () => {
    const gone = sha256('gone')
    const { reader } = readerOf([subject, signature], {}, (digest) =>
      digest === subject.digest ? entries(signature.digest, gone) : entries(),
    )
    await reader.digest(subject.digest)
    expect([...reader.referrers]).toEqual([[subject.digest, [signature.digest]]])
    expect(reader.manifests.has(signature.digest)).toBe(true)
  })

  test('that cannot be listed are unclear once there is an API', async () => {
    const { reader } = readerOf([subject], {}, () => response(500))
    await reader.digest(subject.digest)
    expect(reader.referrersUnclear.get(subject.digest)).toEqual({ is: 'refused', answered: '500' })
  })

  test('are read again only if there is an API', async () => {
    const without = readerOf([subject])
    await without.reader.digest(subject.digest)
    const before = without.asked.length
    await without.reader.refer([subject.digest])
    expect(without.asked).toHaveLength(before)
    const listed = [entries(), entries(signature.digest)]
    const { reader } = readerOf([subject, signature], {}, () => listed.shift() ?? entries())
    await reader.digest(subject.digest)
    await reader.refer([subject.digest])
    expect(reader.referrers.get(subject.digest)).toEqual([signature.digest])
  })
})

test('what was read are facts', async () => {
  const one = image('one')
  const { reader } = readerOf([one], { latest: one.answer })
  const tags = await reader.tags(new Set([TAG]))
  expect(reader.facts([TAG], tags)).toMatchObject({
    repository: REPO,
    listed: [TAG],
    manifests: reader.manifests,
  })
})
