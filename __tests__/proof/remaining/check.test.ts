import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import { checkRemaining, type Purge } from '../../../src/proof/remaining/check.js'
import type { Request, Response } from '../../../src/registry/send.js'
import { response } from '../../registry/wire.js'
import { image, index, planOf, repository, surveyOf, type Scene } from '../../plan/pieces.js'
import { absent, named, toolsOn } from '../scripted.js'

const leak = image('leak')
const stays = image('stays', { layers: ['layer of leak'] })
const [config, layer, shared] = stays.blobs.map(({ digest }) => digest) as [Digest, Digest, Digest]
const SCENE: Scene = { read: [leak, stays], tags: { leak, stays } }
const labelled: Scene = {
  ...SCENE,
  target: { tags: [{ tag: 'leak' as Tag, onlyLabel: { kind: 'needed' } }] },
}

/** Checks what remains when the tag `leak` is gone, unless something else is said. */
async function checked(
  scene: Scene,
  respond: (request: Request) => Response,
  { after = { stays }, ...more }: Partial<Purge> & { after?: Scene['tags'] } = {},
) {
  const { tools, sent } = toolsOn(respond)
  const purge: Purge = {
    plan: planOf(scene),
    facts: surveyOf({ ...scene, tags: after }),
    touched: new Set(),
    placeholders: new Set(),
    sensitive: new Set(),
    ...more,
  }
  return { ...(await checkRemaining(tools, purge)), sent }
}
const there = (): Response => response(200)

describe('what remains', () => {
  test('is whole if each blob is there; its manifest was read with its tag', async () => {
    const { remaining, problems, warnings, sent } = await checked(SCENE, there)
    expect(remaining).toMatchObject([{ tag: 'stays', verdict: 'intact' }])
    expect([problems, warnings]).toEqual([[], []])
    expect(named(sent)).toEqual([config, layer, shared].map((digest) => `blobs/${digest}`))
  })

  test('is read by HEAD, but for what belongs to a purged image', async () => {
    const bytes = ({ method }: Request): Response =>
      method === 'HEAD' ? response(200) : response(200, {}, 'layer of leak')
    const { remaining, sent } = await checked(SCENE, bytes, { sensitive: new Set([shared]) })
    expect(sent.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'GET'])
    expect(remaining[0]?.verdict).toBe('intact')
  })

  test('is read by GET for a tag that protected-tags names plainly', async () => {
    const { sent } = await checked({ ...SCENE, protect: ['stays'] }, there)
    expect(sent.every(({ method, firstBytes }) => method === 'GET' && firstBytes === true)).toBe(true)
    const globbed = await checked({ ...SCENE, protect: ['st*'] }, there)
    expect(globbed.sent.every(({ method }) => method === 'HEAD')).toBe(true)
  })

  test('has a problem for a broken tag, and a warning for one that was broken before', async () => {
    const lost = ({ url }: Request): Response => (url.pathname.endsWith(shared) ? absent() : response(200))
    const ours = await checked(SCENE, lost, { touched: new Set([shared]) })
    expect(ours.problems).toEqual([
      { kind: 'remaining-harmed', repository, tag: 'stays', flaw: { kind: 'lacks-deleted', digest: shared } },
    ])
    const before = await checked(SCENE, lost)
    expect(before.problems).toEqual([])
    expect(before.warnings).toMatchObject([
      { kind: 'remaining-changed', tag: 'stays', flaw: { kind: 'lacks-unnamed', digests: [shared] } },
    ])
    const guarded = await checked({ ...SCENE, protect: ['st*'] }, lost)
    expect(guarded.problems).toMatchObject([{ kind: 'protected-broken-before', tag: 'stays' }])
  })

  test('proves nothing if not one blob answers', async () => {
    const { problems } = await checked(SCENE, () => absent())
    expect(problems).toMatchObject([{ kind: 'no-blob-answers', repository, content: { digest: config } }])
  })

  test('has one problem for all tags that could not be checked', async () => {
    const scene = { read: [leak, stays], tags: { leak, stays, also: stays } }
    const failing = ({ url }: Request): Response => response(url.pathname.endsWith(shared) ? 503 : 200)
    const { problems, remaining } = await checked(scene, failing, { after: { stays, also: stays } })
    expect(remaining.map(({ verdict }) => verdict)).toEqual(['unchecked', 'unchecked'])
    expect(problems).toMatchObject([
      {
        kind: 'remaining-not-verified',
        repository,
        tags: ['also', 'stays'],
        flaw: { kind: 'unchecked', content: { digest: shared } },
      },
    ])
  })

  test('has no problem if there is no blob to check', async () => {
    const { problems, sent } = await checked({ read: [leak], tags: { leak } }, there, { after: {} })
    expect([problems, sent]).toEqual([[], []])
  })

  test('of an index is read down to its images', async () => {
    const both = index('both', [stays])
    const scene = { read: [leak, both, stays], tags: { leak, both } }
    const { sent, remaining } = await checked(scene, () => absent('MANIFEST_UNKNOWN'), { after: { both } })
    expect(named(sent).slice(0, 2)).toEqual([`manifests/${stays.digest}`, `manifests/${stays.digest}`])
    expect(remaining).toMatchObject([{ verdict: 'broken', flaw: { kind: 'lacks-read' } }])
  })
})

describe('a manifest of which only the label goes', () => {
  const rules: Scene['rules'] = { scope: 'tag' }

  test('is read by its digest, and has to pull', async () => {
    const scene: Scene = { ...labelled, rules, facts: { untagging: { is: 'possible', way: 'tag' } } }
    const gone = ({ url }: Request): Response =>
      url.pathname.includes(leak.digest) ? absent('MANIFEST_UNKNOWN') : response(200)
    const { problems, sent } = await checked(scene, gone)
    expect(named(sent)[0]).toBe(`manifests/${leak.digest}`)
    expect(problems).toEqual([
      {
        kind: 'label-manifest-broken',
        repository,
        digest: leak.digest,
        lacking: [{ digest: leak.digest, flaw: { kind: 'refused', answered: '404 MANIFEST_UNKNOWN' } }],
      },
    ])
  })

  test('is not called broken if it could not be checked', async () => {
    const scene: Scene = { ...labelled, rules, facts: { untagging: { is: 'possible', way: 'tag' } } }
    const failing = ({ url }: Request): Response => response(url.pathname.includes(leak.digest) ? 503 : 200)
    const { problems } = await checked(scene, failing)
    expect(problems).toMatchObject([
      { kind: 'label-manifest-not-verified', lacking: [{ digest: leak.digest }] },
    ])
  })
})
