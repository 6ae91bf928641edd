import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../../src/oci/digest.js'
import type { RepositoryPlan } from '../../../src/plan/plan.js'
import {
  at,
  blobsOf,
  derived,
  digests,
  gist,
  image,
  index,
  planOf,
  repository,
  sorted,
  type Scene,
} from '../pieces.js'

const ENDINGS = ['', '.sig', '.att', '.sbom']

const leak = image('leak')
const keep = image('keep')

/** Everything of some images that were made by `image`. */
const all = (...names: string[]): Digest[] => names.flatMap(blobsOf)

function plan(scene: Omit<Scene, 'tags'> & { tags?: Scene['tags'] }): RepositoryPlan {
  return planOf({ ...scene, tags: { leak, keep, ...scene.tags }, read: [leak, keep, ...scene.read] })
}

const nothingKept = { kept: [], refusals: [] }

describe('with what was named goes', () => {
  const signature = image('signature', { of: leak })

  test('a manifest without a tag that refers to it, with its blobs', () => {
    expect(gist(plan({ read: [signature] }))).toEqual({
      tags: ['leak'],
      goes: sorted(at(leak), at(signature), all('leak', 'signature')),
      stays: ['keep'],
      ...nothingKept,
    })
  })

  test('what refers to that, to any depth', () => {
    const second = image('second', { of: signature })
    const third = image('third', { of: second })
    expect(gist(plan({ read: [signature, second, third] })).goes).toEqual(
      sorted([leak, signature, second, third].map(at), all('leak', 'signature', 'second', 'third')),
    )
  })

  test('what refers to one of its children, and the index that this belongs to', () => {
    const child = image('child')
    const sbom = image('sbom', { of: child })
    const list = index('list', [sbom], { of: child })
    const root = index('root', [child])
    const { goes } = gist(plan({ tags: { leak: root }, read: [root, child, sbom, list] }))
    expect(goes).toEqual(sorted([root, child, sbom, list].map(at), all('child', 'sbom')))
  })

  test('a tag that points straight at what refers to it', () => {
    expect(gist(plan({ tags: { sbom: signature }, read: [signature] }))).toEqual({
      tags: ['leak', 'sbom'],
      goes: sorted(at(leak), at(signature), all('leak', 'signature')),
      stays: ['keep'],
      ...nothingKept,
    })
  })

  test.each(ENDINGS)('a tag that belongs to it by its name: sha256-<hex>%s', (ending) => {
    const made = image('made')
    const tag = derived(leak, ending)
    const planned = plan({ tags: { [tag]: made }, read: [made] })
    expect(gist(planned)).toEqual({
      tags: ['leak', tag],
      goes: sorted(at(leak), at(made), all('leak', 'made')),
      stays: ['keep'],
      ...nothingKept,
    })
    expect(planned.tags[1]).toEqual({ tag, digest: at(made), root: at(made), belongsTo: at(leak) })
  })

  test('a tag that belongs by its name to a child', () => {
    const child = image('child')
    const root = index('root', [child])
    const made = image('made')
    const tag = derived(child, '.sig')
    const { tags, goes } = gist(plan({ tags: { leak: root, [tag]: made }, read: [root, child, made] }))
    expect([tags, goes]).toEqual([['leak', tag], sorted([root, child, made].map(at), all('child', 'made'))])
  })

  test('a tag that belongs by its name to a manifest that was pushed by sha512', () => {
    const hex = '0123456789abcdef'.repeat(4)
    const long = { ...image('long'), digest: `sha512:${hex}${hex}` as Digest }
    const made = image('made')
    const tag = `sha512-${hex}.sig`
    const { tags, goes } = gist(plan({ tags: { leak: long, [tag]: made }, read: [long, made] }))
    expect([tags, goes]).toEqual([['leak', tag], sorted(at(long), at(made), all('long', 'made'))])
  })

  test('the referrers index of its name, with all that this lists', () => {
    const list = index('list', [signature])
    const tag = derived(leak)
    const { tags, goes } = gist(plan({ tags: { [tag]: list }, read: [signature, list] }))
    expect([tags, goes]).toEqual([
      ['leak', tag],
      sorted([leak, signature, list].map(at), all('leak', 'signature')),
    ])
  })

  test('what is below the manifest of such a tag, and what is attached to that', () => {
    const part = image('part')
    const made = index('made', [part])
    const onMade = image('on made')
    const onPart = image('on part', { of: part })
    const tags = { [derived(leak, '.att')]: made, [derived(made, '.sig')]: onMade }
    const found = gist(plan({ tags, read: [part, made, onMade, onPart] }))
    expect([found.tags, found.goes]).toEqual([
      sorted('leak', Object.keys(tags)),
      sorted([leak, part, made, onMade, onPart].map(at), all('leak', 'part', 'on made', 'on part')),
    ])
  })

  test('what belongs by its name to a named manifest that is gone already', () => {
    const gone = sha256('gone')
    const made = image('made')
    const tag = derived(gone, '.sig')
    const { tags, goes, refusals } = gist(
      plan({
        tags: { [tag]: made },
        read: [made],
        target: { tags: [], digests: [gone], blobs: [sha256('blob')] },
        facts: { missing: new Map([[gone, { is: 'missing' }]]) },
      }),
    )
    expect([tags, goes, refusals]).toEqual([[tag], sorted(gone, sha256('blob'), at(made), all('made')), []])
  })

  test('a tag that belongs to it by its name and to nothing else that is there', () => {
    const tag = derived(sha256('nowhere'), '.sig')
    expect(gist(plan({ tags: { [tag]: signature }, read: [signature] })).tags).toEqual(['leak', tag])
  })
})

describe('a tag has nothing to do with what was named', () => {
  const made = image('made')

  test.each([
    ['which belongs by its name to another image', derived(keep, '.sig')],
    ['which belongs by its name to nothing that is there', derived(sha256('nowhere'), '.sig')],
    ['whose name has another ending', `${derived(leak)}.sign`],
    ['whose name is in capitals', derived(leak, '.SIG')],
    ['whose name is a little longer', `x${derived(leak)}`],
    ['whose name is of another algorithm', derived(leak).replace('sha256', 'sha512')],
  ])('%s', (_, tag) => {
    const { tags, stays, goes } = gist(plan({ tags: { [tag]: made }, read: [made] }))
    expect([tags, stays]).toEqual([['leak'], sorted('keep', tag)])
    expect(goes).toEqual(sorted(at(leak), all('leak')))
  })

  test('only because the referrers API says so: the manifest itself has to say it', () => {
    const elsewhere = image('elsewhere', { of: keep })
    for (const lied of [made, elsewhere]) {
      const { tags, goes, refusals } = gist(
        plan({ tags: { lied }, read: [made, elsewhere], api: [[leak, lied]] }),
      )
      expect([tags, goes, refusals]).toEqual([['leak'], sorted(at(leak), all('leak')), []])
    }
  })
})

describe('a child that another tag needs keeps', () => {
  const child = image('child')
  const own = image('own')
  const root = index('root', [child, own])
  const other = index('other', [child])
  const scene = (read: Scene['read'], tags: Scene['tags']): RepositoryPlan =>
    plan({ tags: { leak: root, other, ...tags }, read: [root, other, child, own, ...read] })

  test('what refers to it, with the blobs of that', () => {
    const signature = image('signature', { of: child })
    const planned = scene([signature], {})
    expect(gist(planned).goes).toEqual(sorted([root, own].map(at), all('own')))
    expect(gist(planned).kept).toEqual(sorted(at(child), all('child')))
  })

  test('a tag on what refers to it', () => {
    const signature = image('signature', { of: child })
    const { tags, stays, goes } = gist(scene([signature], { signature }))
    expect([tags, stays]).toEqual([['leak'], ['keep', 'other', 'signature']])
    expect(goes).not.toContain(at(signature))
  })

  test.each(ENDINGS)('the tag of its name: sha256-<hex>%s', (ending) => {
    const made = image('made')
    const tag = derived(child, ending)
    const planned = scene([made], { [tag]: made })
    const { tags, stays, goes } = gist(planned)
    expect([tags, stays, planned.warnings]).toEqual([['leak'], sorted('keep', 'other', tag), []])
    expect(goes).toEqual(sorted([root, own].map(at), all('own')))
  })

  test('a blob that such a signature shares with one that goes', () => {
    const stays = image('stays', { layers: ['shared'] })
    const goes = image('goes', { layers: ['shared'], of: own })
    const found = gist(scene([stays, goes], { [derived(child, '.sig')]: stays }))
    expect(found.goes).toEqual(sorted([root, own, goes].map(at), all('own', 'goes')))
    expect(found.kept).toEqual(sorted(at(child), sha256('shared'), all('child')))
  })
})

describe('what refers to something of a remaining image stays', () => {
  test('by the word of the referrers API alone', () => {
    const signature = image('signature', { of: leak })
    const { goes, kept } = gist(plan({ read: [signature], api: [[keep, signature]] }))
    expect(goes).toEqual(sorted(at(leak), all('leak')))
    expect(kept).toEqual(sorted(at(signature), all('signature')))
  })

  test('but not what was named itself', () => {
    const named = image('named', { of: keep })
    const onNamed = image('on named', { of: named })
    const { goes, refusals } = gist(
      plan({ read: [named, onNamed], target: { tags: [], digests: [at(named)] } }),
    )
    expect([goes, refusals]).toEqual([sorted([named, onNamed].map(at), all('named', 'on named')), []])
  })
})

describe('a tag that belongs to what goes stays', () => {
  const signature = image('signature', { of: leak })
  const tag = derived(leak, '.sig')

  /** Says that the tag stays, with what it points to. */
  function staysWith(planned: RepositoryPlan, ...what: Digest[]): void {
    const { tags, stays, goes, kept } = gist(planned)
    expect([tags, stays]).toEqual([['leak'], expect.arrayContaining([tag])])
    expect(goes).toEqual(sorted(at(leak), all('leak')))
    expect(kept).toEqual(sorted(what))
  }

  test.each<[string, ReturnType<typeof image>]>([
    ['one that refers to the image', signature],
    ['one that refers to nothing', image('signature')],
  ])('which is protected by its whole name: %s', (_, made) => {
    staysWith(plan({ tags: { [tag]: made }, read: [made], protect: [tag] }), at(made), ...all('signature'))
  })

  test('which is protected by a glob, if it does not belong to the image by its name', () => {
    const { tags, stays, kept } = gist(
      plan({ tags: { 'sbom-1': signature }, read: [signature], protect: ['sbom-*'] }),
    )
    expect([tags, stays]).toEqual([['leak'], ['keep', 'sbom-1']])
    expect(kept).toEqual(sorted(at(signature), all('signature')))
  })

  test.each(['*', 'sha256-*', `{${tag},x}`])(
    'but not for a glob that is not its whole name: %s',
    (protect) => {
      const planned = plan({ tags: { [tag]: signature }, read: [signature], protect: [protect] })
      expect(gist(planned).tags).toEqual(['leak', tag])
    },
  )

  test('whose manifest another tag needs', () => {
    const made = image('made')
    const planned = plan({ tags: { [tag]: made, [derived(keep, '.sig')]: made }, read: [made] })
    staysWith(planned, at(made), ...all('made'))
    expect(planned.warnings).toEqual([{ kind: 'attached-tag-kept', repository, tag }])
  })

  test('which belongs by its name to another image that stays, whatever it points to', () => {
    const other = derived(keep, '.sig')
    const planned = plan({ tags: { [tag]: signature, [other]: signature }, read: [signature] })
    staysWith(planned, at(signature), ...all('signature'))
    expect(gist(planned).stays).toEqual(sorted('keep', tag, other))
  })

  test('which belongs by its name to an image that stays and was pushed by sha512', () => {
    const hex = '0123456789abcdef'.repeat(4)
    const long = { ...image('long'), digest: `sha512:${hex}${hex}` as Digest }
    const other = `sha512-${hex}.sig`
    const planned = plan({ tags: { long, [other]: signature }, read: [long, signature] })
    expect(gist(planned).stays).toEqual(sorted('keep', 'long', other))
    expect(gist(planned).kept).toEqual(sorted(at(signature), all('signature')))
  })

  test('whose manifest refers to an image that stays', () => {
    const made = image('made', { of: keep })
    staysWith(plan({ tags: { [tag]: made }, read: [made] }), at(made), ...all('made'))
  })

  test.each([1, 2])('which lists what refers to an image that stays, %i levels down', (levels) => {
    const mixed = index('mixed', [signature, image('other', { of: keep })])
    const top = levels === 1 ? mixed : index('top', [mixed])
    const planned = plan({
      tags: { [tag]: top },
      read: [signature, image('other', { of: keep }), mixed, top],
    })
    staysWith(
      planned,
      ...new Set([at(top), at(mixed), at(signature), at(image('other', { of: keep }))]),
      ...all('signature', 'other'),
    )
  })

  test('which holds something that another such tag belongs to, and so on', () => {
    // keep's own signature is also listed for the leak, so that list stays; what belongs to the list stays with it.
    const other = image('other', { of: keep })
    const list = index('list', [signature, other])
    const onList = image('on list')
    const onSignature = image('on signature')
    const onThat = image('on that')
    const tags = {
      [derived(leak)]: list,
      [derived(list, '.sig')]: onList,
      [derived(signature, '.att')]: onSignature,
      [derived(onSignature, '.att')]: onThat,
    }
    const found = gist(plan({ tags, read: [signature, other, list, onList, onSignature, onThat] }))
    expect([found.tags, found.stays]).toEqual([['leak'], sorted('keep', Object.keys(tags))])
    expect(found.goes).toEqual(sorted(at(leak), all('leak')))
  })
})

describe('the order in which things go', () => {
  const level = ({ manifests }: RepositoryPlan, of: { digest: Digest }): number =>
    manifests.find(({ digest }) => digest === of.digest)?.level ?? Number.NaN

  test('is: what is attached, and what that is attached to; parents, and children', () => {
    const child = image('child')
    const root = index('root', [child])
    const onChild = image('on child', { of: child })
    const onRoot = image('on root', { of: root })
    const onThat = image('on that')
    const planned = plan({
      tags: { leak: root, [derived(onRoot, '.sig')]: onThat },
      read: [root, child, onChild, onRoot, onThat],
    })
    const levels = [onThat, onRoot, root, child].map((each) => level(planned, each))
    expect(levels).toEqual([0, 1, 2, 3])
    expect(level(planned, onChild)).toBeLessThan(level(planned, child))
    expect(planned.manifests.map(({ level }) => level)).toEqual(
      planned.manifests.map(({ level }) => level).sort((one, other) => one - other),
    )
  })

  test.each([
    ['a manifest and itself', 1],
    ['two manifests', 2],
    ['fifty manifests', 50],
  ])('ends, where names form a circle of %s', (_, length) => {
    const made = Array.from({ length }, (_, number) => image(`made ${number}`))
    const tags = Object.fromEntries(
      made.map((each, number) => [derived(each, '.sig'), made[(number + 1) % length] ?? leak]),
    )
    const planned = plan({
      tags: { ...tags, [derived(leak, '.sig')]: made[0] ?? leak },
      read: made,
    })
    expect(digests(planned.manifests)).toEqual(sorted([leak, ...made].map(at)))
    expect(planned.tags.length).toBe(length + 2)
  })
})
