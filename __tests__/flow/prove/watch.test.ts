import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { Endpoint, Item } from '../../../src/plan/item.js'
import type { Reconsidered } from '../../../src/plan/reconsider.js'
import type { Round } from '../../../src/proof/round.js'
import { Watch } from '../../../src/flow/prove/watch.js'
import type { Healing } from '../../../src/purge/heal.js'
import type { Facts } from '../../../src/survey/facts.js'
import { digestOf } from '../../proof/scripted.js'
import { content, repository, workOf, type Purged } from './pieces.js'

const [root, layer, other] = [digestOf('a'), digestOf('b'), digestOf('c')]
const latest = 'latest' as Tag
const debug = 'debug' as Tag
const PURGED: Purged = { tags: { debug: root }, manifests: [content(root)], blobs: [content(layer)] }

function watching(purged: Purged = PURGED, left: readonly (readonly [Digest, readonly Tag[]])[] = []): Watch {
  return new Watch(workOf(purged), { refused: [], problems: [], left: new Map(left) })
}
const names = ({ items }: Watch): string[] => items.map(({ name }) => name)

/** A round in which these items are served. */
function serving(...items: readonly (readonly [Item['name'], Endpoint])[]): Round {
  const findings = items.map(([name, endpoint]) => {
    const flaw = { kind: 'served', status: 200, headersOnly: false } as const
    return [name, { is: 'present', endpoint, flaw }] as const
  })
  return { findings: new Map(findings), responses: new Map(), lost: [], controlsAbsent: [] }
}
const healing = (more: Partial<Healing>): Healing => ({
  left: new Map(),
  movedTags: new Map(),
  unsure: [],
  problems: [],
  putOff: false,
  ...more,
})
const seen = (more: Partial<Reconsidered>): Reconsidered => ({
  left: new Map(),
  released: { tags: [], manifests: [], blobs: [] },
  moved: [],
  revived: [],
  newcomers: [],
  unsure: [],
  ...more,
})

describe('what is watched', () => {
  test('is all that was planned, tags first', () => {
    const watch = watching()
    expect([names(watch), watch.complete, watch.problems]).toEqual([[debug, root, layer], true, []])
  })

  test('is not what was left or never tried, and then the proof is not complete', () => {
    const watch = watching({ ...PURGED, outcomes: { [layer]: 'kept' } })
    expect([names(watch), watch.complete]).toEqual([[debug, root], false])
  })

  test('is not a tag that goes with a manifest that was left', () => {
    const watch = watching({ ...PURGED, outcomes: { [root]: 'kept', debug: 'with-manifest' } })
    expect(names(watch)).toEqual([layer])
  })

  test('is a tag that failed: only the proof tells', () => {
    expect(names(watching({ ...PURGED, outcomes: { debug: 'failed' } }))).toContain(debug)
  })
})

describe('what tags came to need', () => {
  test('is given up, with those tags', () => {
    const watch = watching({ ...PURGED, outcomes: { [layer]: 'kept' } }, [[layer, [latest]]])
    expect(names(watch)).toEqual([debug, root])
    expect([...watch.left]).toEqual([[layer, [latest]]])
    expect(watch.problems).toEqual([{ kind: 'left-for-tags', repository, digest: layer, tags: [latest] }])
  })

  test('and was deleted before has to be pushed again', () => {
    const watch = watching()
    expect(watch.addNeeded(seen({ left: new Map([[layer, [latest]]]) }))).toEqual([layer])
    expect(watch.problems).toMatchObject([{ kind: 'deleted-too-early', digest: layer }])
  })

  test('is told once', () => {
    const watch = watching()
    const left = new Map([[layer, [latest]]])
    watch.addHealing(healing({ left }))
    watch.addNeeded(seen({ left }))
    expect(watch.problems).toHaveLength(1)
  })
})

describe('what a round found', () => {
  test('can be deleted again where it is served', () => {
    const watch = watching()
    expect(watch.stillThere(serving([root, 'blobs'], [layer, 'blobs']))).toEqual([
      { item: { kind: 'manifest', name: root }, endpoint: 'blobs' },
      { item: { kind: 'blob', name: layer }, endpoint: 'blobs' },
    ])
  })

  test('is given up if it was unknown when the plan was made: what belongs to it is not known', () => {
    const watch = watching({ ...PURGED, manifests: [content(root, { gone: true })] })
    expect(watch.stillThere(serving([root, 'blobs']))).toHaveLength(1)
    expect(watch.stillThere(serving([root, 'manifests']))).toEqual([])
    expect(watch.problems).toEqual([{ kind: 'unknown-root-answers', repository, digest: root }])
    expect(names(watch)).not.toContain(root)
  })

  test('is not what was given up', () => {
    const watch = watching({ ...PURGED, outcomes: { [layer]: 'kept' } })
    expect(watch.stillThere(serving([layer, 'blobs']))).toEqual([])
  })
})

test('a tag that somebody pushed again is given up, and told once', () => {
  const watch = watching()
  for (let burst = 0; burst < 2; burst++) watch.addHealing(healing({ movedTags: new Map([[debug, other]]) }))
  expect(watch.problems).toEqual([{ kind: 'tag-pushed-again', repository, tag: debug, digest: other }])
  expect(names(watch)).toEqual([root, layer])
})

test('what came to belong to a purged manifest is told once, and the proof is not complete', () => {
  const watch = watching()
  const newcomers = [{ digest: other, subject: root }]
  expect(watch.addNeeded(seen({ newcomers }))).toEqual([])
  watch.addNeeded(seen({ newcomers }))
  expect(watch.problems).toEqual([{ kind: 'newcomer-left', repository, digest: other, subject: root }])
  expect([watch.complete, names(watch)]).toEqual([false, [debug, root, layer]])
})

test('only a purged tag on a placeholder of this run is told as such', () => {
  const facts = (digest: Digest): Facts =>
    ({ tags: new Map([[debug, { is: 'resolved', digest }]]) }) as unknown as Facts
  const watch = watching({ ...PURGED, placeholders: [other] })
  expect(watch.onPlaceholders(facts(root))).toEqual([])
  expect(watch.onPlaceholders(facts(other))).toEqual([
    { kind: 'placeholder-stays', repository, tag: debug, placeholder: other },
  ])
})
