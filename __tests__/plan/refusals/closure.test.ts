import { describe, expect, test } from '@jest/globals'
import { sha256, type Digest } from '../../../src/oci/digest.js'
import type { Manifest } from '../../../src/oci/manifest.js'
import type { Tag } from '../../../src/oci/tag.js'
import { closureOf } from '../../../src/plan/refusals/closure.js'
import { togetherAmong } from '../../../src/plan/refusals/together.js'
import { select } from '../../../src/plan/select/select.js'
import type { Survey } from '../../../src/survey/facts.js'
import {
  at,
  derived,
  image,
  index,
  planOf,
  repository,
  rulesOf,
  surveyOf,
  twins,
  type Scene,
} from '../pieces.js'

/** What has to be named besides, each as in `image` but without the repository, and what goes along. */
function besides(scene: Scene): { named: string[]; along: string[] } | { protectedBy: string[] } {
  const together = togetherAmong(planOf(scene).refusals)
  if (together === undefined) return { named: [], along: [] }
  if (together.is === 'protected')
    return { protectedBy: together.tags.map(({ tag, entry }) => `${tag} ${entry}`) }
  return {
    named: together.further.map(({ tag, digest }) => tag ?? digest ?? ''),
    along: together.along.map(({ tag }) => tag),
  }
}

const alone = (...named: string[]) => ({ named, along: [] })
const leak = image('leak')
const keep = image('keep')

describe('with what leaked has to be named, at once,', () => {
  test('every index over it, their other children that have tags, and other builds of any of these', () => {
    const [sibling, cousin, lone] = [image('sibling'), image('cousin'), image('lone')]
    const again = image('again', { config: 'config of cousin' })
    const list = index('list', [leak, sibling, lone])
    const outer = index('outer', [list, cousin])
    const far = index('far', [index('between', [again])])
    const all = { list, sibling, outer, cousin, far }
    const { children } = far
    expect(
      besides({
        read: [leak, sibling, cousin, lone, again, list, outer, index('between', [again]), far, keep],
        tags: { leak, ...all, keep },
      }),
    ).toEqual(alone(...Object.keys(all).sort()))
    expect(children).toHaveLength(1)
  })

  test('but no index that shares a child with one of them', () => {
    const shared = image('shared')
    const [list, other] = [index('list', [leak, shared]), index('other', [shared])]
    expect(besides({ read: [leak, shared, list, other], tags: { leak, list, other } })).toEqual(alone('list'))
  })

  test('a tag on the other digest of the same bytes', () => {
    const twin = { ...leak, digest: `sha512:${'ab'.repeat(64)}` as Digest }
    const list = index('list', [twin])
    expect(
      besides({
        read: [leak, twin, list],
        tags: { leak, twin, list },
        facts: { twins: twins(at(leak), at(twin)) },
      }),
    ).toEqual(alone('list', 'twin'))
  })

  test('every tag that needs a named blob, though not one that is only attached to these', () => {
    const [one, other] = [image('one', { layers: ['base'] }), image('other', { layers: ['base'] })]
    const signature = image('signature', { layers: ['base'] })
    const sbom = image('sbom', { of: other, layers: ['base'] })
    const tags = { one, other, [derived(one, '.sig')]: signature, sbom, keep }
    expect(
      besides({
        read: [one, other, signature, sbom, keep],
        tags,
        target: { tags: [], blobs: [sha256('base')] },
      }),
    ).toEqual({ named: ['one', 'other'], along: ['sbom', derived(one, '.sig')] })
  })

  test('an attached tag, if the image that it is attached to may stay', () => {
    const signature = image('signature', { layers: ['base'] })
    const tag = derived(keep, '.sig')
    expect(
      besides({
        read: [keep, signature],
        tags: { keep, [tag]: signature },
        target: { tags: [], blobs: [sha256('base')] },
      }),
    ).toEqual(alone(tag))
  })

  test('no attached tag in the end, if it leads to the image that it is attached to', () => {
    const signature = image('signature', { layers: ['base'] })
    const again = image('again', { config: 'config of signature' })
    const list = index('list', [again, keep])
    const tag = derived(keep, '.sig')
    expect(
      besides({
        read: [keep, signature, again, list],
        tags: { keep, [tag]: signature, list },
        target: { tags: [], blobs: [sha256('base')] },
      }),
    ).toEqual({ named: ['keep', 'list'], along: [tag] })
  })

  test('an untagged manifest, and not the image that it refers to', () => {
    const sbom = image('sbom', { of: keep, layers: ['base'] })
    const scene = { read: [keep, sbom], tags: { keep }, target: { tags: [], blobs: [sha256('base')] } }
    expect(besides(scene)).toEqual(alone(at(sbom)))
    // It is enough although the image is protected.
    expect(besides({ ...scene, protect: ['keep'] })).toEqual(alone(at(sbom)))
    expect(planOf({ ...scene, target: { ...scene.target, digests: [at(sbom)] } }).refusals).toEqual([])
  })
})

describe('a protected tag', () => {
  const list = index('list', [leak, keep])

  test('leaves no way, and is told with the entry that protects it', () => {
    const scene = { read: [leak, keep, list], tags: { leak, keep, list, more: leak } }
    expect(besides({ ...scene, protect: ['li*'] })).toEqual({ protectedBy: ['list li*'] })
    // The index leads to its other child.
    expect(besides({ ...scene, protect: ['keep'] })).toEqual({ protectedBy: ['keep keep'] })
  })

  test('is in nobody’s way, if it needs nothing of it', () => {
    expect(besides({ read: [leak, keep], tags: { leak, keep, more: leak }, protect: ['keep'] })).toEqual(
      alone('more'),
    )
  })
})

test('a long chain of attached items is found, too', () => {
  const read: Manifest[] = [keep]
  const tags: Record<string, Manifest> = { keep }
  let below = leak
  for (let step = 0; step < 30; step++) {
    const next = image(`image ${step}`, { of: keep })
    const over = index(`index ${step}`, [below, next], { of: keep })
    read.push(next, over)
    Object.assign(tags, { [`i${step}`]: next, [`x${step}`]: over })
    below = next
  }
  const { keep: _, ...all } = tags
  // `leak` is attached to nothing, so its tag is named, and the others are attached to what stays.
  expect(besides({ read: [leak, ...read], tags: { leak, ...tags } })).toEqual(
    alone(...Object.keys(all).sort()),
  )
})

test('the last refusal that more names would solve has what is to be named, and no other', () => {
  const list = index('list', [leak, keep])
  const { refusals } = planOf({ read: [leak, keep, list], tags: { leak, more: leak, list } })
  expect(refusals.map((problem) => [problem.kind, 'together' in problem])).toEqual([
    ['named-but-needed', false],
    ['alias', true],
  ])
  expect(togetherAmong(refusals)).toEqual({
    is: 'lines',
    further: [
      { repository, tag: 'list', digest: at(list) },
      { repository, tag: 'more', digest: at(leak) },
    ],
    along: [],
    image: [{ repository, tag: 'leak', digest: at(leak) }],
    blobs: [],
    whole: false,
  })
})

test('a cleanup is told nothing of it: it selects again', () => {
  const { refusals } = planOf({
    read: [leak],
    tags: { leak, more: leak },
    rules: { furtherTags: 'run-again' },
  })
  expect(refusals).toEqual([expect.not.objectContaining({ together: expect.anything() })])
})

describe('the work grows with the repository, and not with its square,', () => {
  /** How often a manifest is looked up in a chain of indexes, each with two images that have tags. */
  function lookups(length: number): number {
    const images = Array.from({ length: length + 1 }, (_, at) => image(`image ${at}`))
    const indexes = images.slice(1).map((each, at) => index(`index ${at}`, [images[at]!, each]))
    const tags = Object.fromEntries([...images, ...indexes].map((each, at) => [`t${at}`, each]))
    const scene = { read: [...images, ...indexes], tags, target: { tags: [{ tag: 't0' as Tag }] } }
    const survey = surveyOf(scene)
    const target = { repository, digests: [], blobs: [], ...scene.target }
    let count = 0
    const manifests = new (class extends Map<Digest, Manifest> {
      override get(digest: Digest): Manifest | undefined {
        count++
        return super.get(digest)
      }
    })(survey.manifests)
    const counted: Survey = { ...survey, manifests }
    const closure = closureOf(
      { target, survey: counted, rules: rulesOf() },
      select(target, survey, rulesOf()),
    )
    expect(closure).toMatchObject({ is: 'names', names: { length: 2 * length } })
    return count
  }

  test('also if one leads to the next', () => {
    expect(lookups(400)).toBeLessThan(2.2 * lookups(200))
  })
})
