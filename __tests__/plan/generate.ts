import fc from 'fast-check'
import { sha256, type Digest } from '../../src/oci/digest.js'
import type { Repository } from '../../src/oci/reference.js'
import { parseTag, type Tag } from '../../src/oci/tag.js'
import { blob, EMPTIES, write, type Recipe } from './write.js'
import { partsOf, type Pointer, type Purge, type Question, type Stored, type World } from './world.js'

/** A number that is taken modulo the length of whatever list it chooses from: it shrinks well. */
const choice = fc.nat({ max: 999 })

/** Nothing, but for one time in `every`. */
function rarely<T>(every: number, what: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: every - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: what })
}

function few<T>(every: number, what: fc.Arbitrary<T>, most = 1): fc.Arbitrary<T[]> {
  return rarely(every, fc.array(what, { minLength: 1, maxLength: most })).map((list) => list ?? [])
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.oneof(
    { weight: 10, arbitrary: fc.constant('image' as const) },
    { weight: 7, arbitrary: fc.constant('index' as const) },
    { weight: 2, arbitrary: fc.constantFrom('artifact' as const, 'empty-config' as const) },
    { weight: 1, arbitrary: fc.constant('unknown' as const) },
  ),
  docker: fc.boolean(),
  spelling: fc.nat({ max: 3 }),
  layers: fc.array(choice, { maxLength: 4 }),
  children: fc.array(choice, { minLength: 1, maxLength: 3 }),
  configOf: rarely(25, choice),
  emptyLayer: rarely(10, choice),
  manifestAsLayer: rarely(40, choice),
  subject: rarely(25, choice),
  layersInIndex: few(12, choice, 2),
  emptyChild: rarely(40, choice),
  attestation: rarely(4, fc.constant(true)).map((yes) => yes ?? false),
  answers: fc.oneof(
    { weight: 100, arbitrary: fc.constant('whole' as const) },
    { weight: 2, arbitrary: fc.constant('absent' as const) },
    { weight: 1, arbitrary: fc.constantFrom('unreadable' as const, 'lie' as const) },
  ),
})

const tag = fc.record({
  /** Undefined: the next manifest that nothing refers to, so that most tags stand for images of their own. */
  at: rarely(16, choice),
  dangling: rarely(25, fc.constant(true)),
  listed: rarely(100, fc.constant(false)),
})

const pin = fc.constantFrom('right' as const, 'right' as const, 'right' as const, 'other' as const)

const purge = fc.record({
  recipes: fc.array(recipe, { minLength: 2, maxLength: 10 }),
  referrersApi: fc.boolean(),
  tags: fc.array(tag, { minLength: 1, maxLength: 7 }),
  derived: few(
    10,
    fc.record({ of: choice, at: choice, ending: fc.constantFrom('', '.sig', '.att', '.sbom') }),
  ),
  target: fc.record({
    tags: fc.array(fc.record({ which: choice, pin: rarely(3, pin) }), { minLength: 1, maxLength: 2 }),
    untagged: rarely(8, fc.constant(true)),
    absent: few(25, fc.record({ at: choice, pinned: fc.constantFrom(true, true, false) })),
    digests: few(10, choice),
    blobs: few(8, choice, 2),
    manifestAsBlob: few(60, choice),
  }),
})

/** Questions to a plan: one to three repositories, with whatever may be in them. */
export const question: fc.Arbitrary<Question> = fc
  .record({
    purges: fc.oneof(
      { weight: 5, arbitrary: fc.array(purge, { minLength: 1, maxLength: 1 }) },
      { weight: 1, arbitrary: fc.array(purge, { minLength: 2, maxLength: 3 }) },
    ),
    protectedTags: few(4, fc.constantFrom('t0', 't3', 't*', 'sha256-*', 'nothing'), 2),
    sharedBlobs: fc.constantFrom('keep' as const, 'keep' as const, 'keep' as const, 'fail' as const),
    deletion: rarely(20, fc.constantFrom('off' as const, 'denied' as const, 'unclear' as const)),
    dryRun: fc.boolean(),
  })
  .map(({ purges, deletion, ...rest }) => {
    const question: Question = {
      ...rest,
      deletion: deletion ?? 'on',
      purges: purges.map((recipe, at) => purgeOf(recipe, `acme/app${at}` as Repository)),
    }
    return Object.assign(question, { [fc.toStringMethod]: () => tell(question) })
  })

/** A question for the eye, when a property does not hold for it. */
function tell({ purges, ...rest }: Question): string {
  const all = purges.flatMap(({ world: { stored, tags, referrersApi }, target }) => [
    `  referrers API: ${referrersApi}`,
    ...[...stored.values()].map(
      ({ digest, madeAs, answers, body }) => `  ${digest} ${madeAs} ${answers} ${body}`,
    ),
    ...[...tags].map(([tag, { at, listed }]) => `  ${tag} at ${at}${listed ? '' : ', not listed'}`),
    `  purge ${JSON.stringify(target)}`,
  ])
  return [JSON.stringify(rest), ...all].join('\n').replace(/sha256:(\w{6})\w{58}/g, '$1')
}

type PurgeRecipe = typeof purge extends fc.Arbitrary<infer T> ? T : never

function purgeOf(recipe: PurgeRecipe, repository: Repository): Purge {
  const stored: Stored[] = []
  for (const [at, each] of recipe.recipes.entries()) stored.push(...write(each, at, stored))
  const below = new Set(
    stored.flatMap((each) => {
      const { children, subject } = partsOf(each)
      return [...children, ...(subject === undefined ? [] : [subject])]
    }),
  )
  const tops = stored.filter(({ digest }) => !below.has(digest)).reverse()
  const tags = new Map<Tag, Pointer>()
  for (const [number, { at, dangling, listed }] of recipe.tags.entries()) {
    const stands = at === undefined ? tops[number] : pick(stored, at)
    if (stands === undefined) continue
    const digest = dangling === true ? sha256(`no manifest ${number}`) : stands.digest
    tags.set(tagOf(`t${number}`), { at: digest, listed: listed ?? true })
  }
  const plain = [...tags.keys()]
  for (const { of, at, ending } of recipe.derived) {
    const [, hex = ''] = pick(stored, of).digest.split(':')
    tags.set(tagOf(`sha256-${hex}${ending}`), { at: pick(stored, at).digest, listed: true })
  }
  const world: World = {
    repository,
    stored: new Map(stored.map((each) => [each.digest, each])),
    tags,
    referrersApi: recipe.referrersApi,
  }
  return { world, target: targetOf(recipe.target, world, plain) }
}

function targetOf(recipe: PurgeRecipe['target'], world: World, plain: readonly Tag[]): Purge['target'] {
  const stored = [...world.stored.values()]
  const blobs = [...new Set([...stored.flatMap((each) => partsOf(each).blobs), blob('lone')])].filter(
    (digest) => !EMPTIES.includes(digest),
  )
  const tags = new Map<Tag, Digest | undefined>()
  for (const { which, pin } of recipe.untagged === true ? [] : recipe.tags) {
    const name = pick(plain, which)
    const right = world.tags.get(name)?.at
    const other = pick(stored, which).digest
    tags.set(name, pin === undefined ? undefined : pin === 'right' ? right : other)
  }
  for (const { at, pinned } of recipe.absent)
    tags.set(tagOf('absent'), pinned ? pick(stored, at).digest : undefined)
  return {
    repository: world.repository,
    tags: [...tags].map(([tag, digest]) => ({ tag, ...(digest !== undefined && { digest }) })),
    digests: [...new Set(recipe.digests.map((at) => pick(stored, at).digest))],
    blobs: [
      ...new Set([
        ...recipe.blobs.map((at) => pick(blobs, at)),
        ...recipe.manifestAsBlob.map((at) => pick(stored, at).digest),
      ]),
    ],
  }
}

/** What may happen to the tags while a purge is under way. */
export const change = fc.array(
  fc.record({
    what: fc.constantFrom('push', 'move', 'remove', 'break', 'bring back'),
    tag: choice,
    at: rarely(2, choice),
    fresh: recipe,
  }),
  { maxLength: 4 },
)

export type Change = (typeof change extends fc.Arbitrary<infer T> ? T : never)[number]

/** @returns the world after others have pushed, moved and removed tags in it. */
export function changed(world: World, changes: readonly Change[]): World {
  const stored = new Map(world.stored)
  const tags = new Map(world.tags)
  for (const [number, { what, tag, at, fresh }] of changes.entries()) {
    const names = [...tags.keys()]
    const name = what === 'push' || names.length === 0 ? tagOf(`new${number}`) : pick(names, tag)
    if (what === 'remove') tags.delete(name)
    else if (what === 'break') tags.set(name, { at: sha256(`gone ${number}`), listed: true })
    else {
      const all = [...stored.values()]
      const made = write(fresh, 100 + number, all)
      if (at === undefined) for (const each of made) stored.set(each.digest, each)
      const digest = at === undefined ? made.at(-1)?.digest : pick(all, at).digest
      if (digest !== undefined) tags.set(name, { at: digest, listed: true })
    }
  }
  return { ...world, stored, tags }
}

function tagOf(text: string): Tag {
  const tag = parseTag(text)
  if (tag === undefined) throw new Error(`${text} is no tag`)
  return tag
}

function pick<T>(list: readonly T[], at: number): T {
  return list[at % list.length] as T
}
