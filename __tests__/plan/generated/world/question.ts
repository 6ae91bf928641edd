import fc from 'fast-check'
import { sha256, type Digest } from '../../../../src/oci/digest.js'
import type { Repository } from '../../../../src/oci/reference.js'
import type { Tag } from '../../../../src/oci/tag.js'
import { attach, attachments, wrong } from './attachments.js'
import { choice, few, pick, rarely, tagOf } from './choice.js'
import { blob, EMPTIES, sha512, write, type Recipe } from './write.js'
import { partsOf, prefixIn, prefixOf, type Pointer, type Purge, type Question } from './world.js'
import type { Stored, World } from './world.js'

const twinUnclear = {
  kind: 'twin-unreadable',
  repository: 'acme/app' as Repository,
  digest: sha512('unread'),
  answered: '500',
} as const

export const recipe: fc.Arbitrary<Recipe> = fc.record({
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

const pin = fc.oneof(
  { weight: 5, arbitrary: fc.constant('right' as const) },
  { weight: 1, arbitrary: fc.constant('other' as const) },
)

/** Two indexes with tags of their own that share a child, and perhaps the first one is to go. */
const pair = fc.record({
  shared: recipe,
  own: recipe,
  index: recipe,
  goes: fc.boolean(),
})

const purge = fc.record({
  recipes: fc.array(recipe, { minLength: 2, maxLength: 10 }),
  by512: few(8, choice, 2),
  pair: rarely(3, pair),
  attachments,
  referrersApi: fc.boolean(),
  wrong,
  tags: fc.array(tag, { minLength: 1, maxLength: 7 }),
  derived: few(
    10,
    fc.record({ of: rarely(4, choice), at: choice, ending: fc.constantFrom('', '.sig', '.att', '.sbom') }),
    2,
  ),
  target: fc.record({
    tags: fc.array(fc.record({ which: choice, pin: rarely(3, pin) }), { minLength: 1, maxLength: 2 }),
    untagged: rarely(8, fc.constant(true)),
    absent: few(25, fc.record({ at: choice, pinned: fc.constantFrom(true, true, false) })),
    digests: few(8, choice, 2),
    attached: few(15, choice),
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
    protectedTags: few(
      4,
      fc.oneof(fc.constantFrom('t0', 't3', 't*', 'r*', 'sha256-*', 'nothing'), choice, choice),
      2,
    ),
    unreadableTags: fc.constantFrom('refuse' as const, 'ignore' as const),
    twinsUnclear: few(60, fc.constant(twinUnclear)),
    sharedBlobs: rarely(6, fc.constant('fail' as const)).map((fail) => fail ?? 'keep'),
    deletion: rarely(20, fc.constantFrom('off' as const, 'denied' as const, 'unclear' as const)),
    dryRun: fc.boolean(),
  })
  .map(({ purges: recipes, deletion, protectedTags, ...rest }) => {
    const purges = recipes.map((recipe, at) => purgeOf(recipe, `acme/app${at}` as Repository))
    const derived = purges.flatMap(({ world }) => [...world.tags.keys()].filter(prefixIn))
    const question: Question = {
      ...rest,
      deletion: deletion ?? 'on',
      // A number stands for a tag that belongs to an image by its name.
      protectedTags: protectedTags.flatMap((each) =>
        typeof each === 'string' ? each : derived.length === 0 ? [] : pick(derived, each),
      ),
      purges,
    }
    return Object.assign(question, { [fc.toStringMethod]: () => tell(question) })
  })

/** A question for the eye, when a property does not hold for it. */
function tell({ purges, ...rest }: Question): string {
  const all = purges.flatMap(({ world: { stored, tags, referrersApi, lies, unclear }, target }) => [
    `  referrers API: ${referrersApi}, lies ${JSON.stringify([...lies])}, unclear ${[...unclear].join(' ')}`,
    ...[...stored.values()].map(
      ({ digest, madeAs, answers, body }) => `  ${digest} ${madeAs} ${answers} ${body}`,
    ),
    ...[...tags].map(([tag, { at, listed }]) => `  ${tag} at ${at}${listed ? '' : ', not listed'}`),
    `  purge ${JSON.stringify(target)}`,
  ])
  return [JSON.stringify(rest), ...all]
    .join('\n')
    .replace(/(sha(?:256|512)-\w{6})\w{58}/g, '$1')
    .replace(/sha256:(\w{6})\w{58}/g, '$1')
    .replace(/sha512:(\w{6})\w{122}/g, '512:$1')
}

type PurgeRecipe = typeof purge extends fc.Arbitrary<infer T> ? T : never

function purgeOf(recipe: PurgeRecipe, repository: Repository): Purge {
  const stored: Stored[] = []
  const twice = new Set(recipe.by512.map((at) => at % recipe.recipes.length))
  for (const [at, each] of recipe.recipes.entries()) {
    stored.push(...write(each, at, stored))
    if (twice.has(at)) stored.push(...bothOf(stored.pop() as Stored))
  }
  const below = new Set(
    stored.flatMap((each) => {
      const { children, subject } = partsOf(each)
      return [...children, ...(subject === undefined ? [] : [subject])]
    }),
  )
  const isBelow = ({ digest, twin }: Stored): boolean =>
    below.has(digest) || (twin !== undefined && below.has(twin))
  const tops = stored.filter((each) => !isBelow(each)).reverse()
  const tags = new Map<Tag, Pointer>()
  for (const [number, { at, dangling, listed }] of recipe.tags.entries()) {
    const stands = at === undefined ? tops[number] : pick(stored, at)
    if (stands === undefined) continue
    const digest = dangling === true ? sha256(`no manifest ${number}`) : stands.digest
    tags.set(tagOf(`t${number}`), { at: digest, listed: listed ?? true })
  }
  if (recipe.pair !== undefined) {
    const [one, other] = pairOf(recipe.pair, stored)
    tags.set(tagOf('t8'), { at: one, listed: true })
    tags.set(tagOf('t9'), { at: other, listed: true })
  }
  const plain = recipe.pair?.goes === true ? [tagOf('t8')] : [...tags.keys()]
  for (const [at, each] of recipe.attachments.entries()) attach(each, 20 + at, stored, tags)
  for (const { of, at, ending } of recipe.derived) {
    const subject = of === undefined ? sha256(`nowhere ${at}`) : pick(stored, of).digest
    tags.set(tagOf(`${prefixOf(subject)}${ending}`), { at: pick(stored, at).digest, listed: true })
  }
  const lies = new Map(
    recipe.wrong.lies.map(({ of, lists }) => [pick(stored, of).digest, [pick(stored, lists).digest]]),
  )
  const { unclear } = recipe.wrong
  const world: World = {
    repository,
    stored: new Map(stored.map((each) => [each.digest, each])),
    tags: new Map([...tags].map(([tag, { at, listed }]) => [tag, { at: resolved(stored, at), listed }])),
    referrersApi: recipe.referrersApi,
    lies,
    unclear: new Set(unclear === undefined ? [] : [pick(stored, unclear).digest]),
  }
  return { world, target: targetOf(recipe.target, world, plain) }
}

function pairOf(
  { shared, own, index }: NonNullable<PurgeRecipe['pair']>,
  stored: Stored[],
): [Digest, Digest] {
  const add = (recipe: Recipe, number: number): Stored => {
    const made = write({ ...recipe, answers: 'whole' }, number, stored)
    stored.push(...made)
    return made.at(-1) as Stored
  }
  const at = stored.push(...write({ ...shared, kind: 'image', answers: 'whole' }, 11, stored)) - 1
  const over = { ...index, kind: 'index', emptyChild: undefined } as const
  add({ ...own, kind: 'image' }, 12)
  const one = add({ ...over, children: [at, at + 1] }, 13)
  const other = add({ ...over, children: [at] }, 14)
  return [one.digest, other.digest]
}

/** A manifest that was pushed by sha512: it is served under its sha256 digest, too. */
function bothOf(stored: Stored): Stored[] {
  const digest = sha512(stored.body)
  return [
    { ...stored, twin: digest },
    { ...stored, digest, twin: stored.digest },
  ]
}

/** A tag stands for the sha256 digest of what it points to. */
function resolved(stored: readonly Stored[], at: Digest): Digest {
  const twin = stored.find(({ digest }) => digest === at)?.twin
  return at.startsWith('sha512:') && twin !== undefined ? twin : at
}

function targetOf(recipe: PurgeRecipe['target'], world: World, plain: readonly Tag[]): Purge['target'] {
  const stored = [...world.stored.values()]
  const blobs = [...new Set([...stored.flatMap((each) => partsOf(each).blobs), blob('lone')])].filter(
    (digest) => !EMPTIES.includes(digest),
  )
  const attached = [...world.tags.keys()].filter((tag) => !/^t\d/.test(tag))
  const tags = new Map<Tag, Digest | undefined>()
  for (const { which, pin } of recipe.untagged === true ? [] : recipe.tags) {
    const name = pick(plain, which)
    const right = world.tags.get(name)?.at
    const other = pick(stored, which).digest
    tags.set(name, pin === undefined ? undefined : pin === 'right' ? right : other)
  }
  for (const at of attached.length === 0 ? [] : recipe.attached) tags.set(pick(attached, at), undefined)
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
