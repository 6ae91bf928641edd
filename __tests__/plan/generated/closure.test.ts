import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import { plan } from '../../../src/plan/decide.js'
import type { ImageEntry, Together } from '../../../src/plan/naming.js'
import { togetherAmong } from '../../../src/plan/refusals/together.js'
import { rulesOf, RUNS, same, SEED, sorted, TIMEOUT } from './answered.js'
import { needsOf, partsIn } from './oracle/belonging.js'
import { truthOf, type Truth } from './oracle/truth.js'
import { look, plainNames, surveyOf, type Seen } from './world/look.js'
import { question } from './world/question.js'
import { isProtected, type Purge, type Question } from './world/world.js'

/** Of more names than these not every subset is tried. */
const FEW = 7

/** The smallest shares of questions whose answer is of this kind. */
const LEAST: Readonly<Record<string, number>> = {
  '1 name': 0.15,
  '2 names': 0.05,
  '3 names or more': 0.015,
  'an attached tag is named': 0.05,
  'a manifest is named by its digest': 0.003,
  'a tag goes along': 0.05,
  'a protected tag': 0.01,
}

/** One repository whose plan is refused since too little is named, and what the engine says has to be named. */
interface Refused {
  readonly purge: Purge
  readonly question: Question
  readonly seen: Seen
  readonly truth: Truth
  readonly together: Together
}

type Lines = Extract<Together, { is: 'lines' }>
type Name = Pick<ImageEntry, 'tag' | 'digest'>

test(
  'what has to be named together is enough at once, and nothing of it can be left out',
  () => {
    const counts = new Map<string, number>()
    const runs = Math.ceil(RUNS / 4)
    fc.assert(
      fc.property(question, (question) => {
        for (const refused of refusedOf(question)) {
          const { together } = refused
          for (const trait of traitsOf(together)) counts.set(trait, (counts.get(trait) ?? 0) + 1)
          if (together.is === 'lines') checkLines(refused, together)
          else checkProtected(refused, new Set(together.tags.map(({ tag }) => tag)))
        }
      }),
      { numRuns: runs, seed: SEED },
    )
    const rare = Object.entries(LEAST).filter(([trait, least]) => (counts.get(trait) ?? 0) < least * runs)
    expect(rare).toEqual([])
  },
  TIMEOUT,
)

function* traitsOf(together: Together): Generator<string> {
  if (together.is === 'protected') return yield 'a protected tag'
  const { further, along } = together
  const number = further.length
  yield number === 1 ? '1 name' : number === 2 ? '2 names' : '3 names or more'
  if (along.length > 0) yield 'a tag goes along'
  if (further.some(({ tag }) => tag === undefined)) yield 'a manifest is named by its digest'
  if (further.some(({ tag }) => tag !== undefined && !/^t\d/.test(tag))) yield 'an attached tag is named'
}

function refusedOf(question: Question): Refused[] {
  return question.purges.flatMap((purge): Refused[] => {
    const seen = look(purge, plainNames(question.protectedTags))
    const truth = truthOf(purge, seen, question)
    const survey = surveyOf(seen.facts, question)
    const { repositories } = plan([{ target: purge.target, survey }], rulesOf(question))
    const together = togetherAmong(repositories[0]?.refusals ?? [])
    same(together !== undefined, namesTooLittle(truth))
    return together === undefined ? [] : [{ purge, question, seen, truth, together }]
  })
}

const namesTooLittle = ({ reasons }: Truth): boolean =>
  reasons.has('alias') || reasons.has('named and needed')

/** What the oracle says to a run that names these as well, and that looks at everything again. */
function withNames({ purge, question }: Refused, names: readonly Name[]): { truth: Truth; seen: Seen } {
  const { world, target } = purge
  const tags = names.flatMap(({ tag, digest }) =>
    tag === undefined ? [] : [{ tag, ...(digest !== undefined && { digest }) }],
  )
  const digests = names.flatMap(({ tag, digest }) =>
    tag === undefined && digest !== undefined ? [digest] : [],
  )
  const more = {
    world,
    target: { ...target, tags: [...target.tags, ...tags], digests: [...target.digests, ...digests] },
  }
  const seen = look(more, plainNames(question.protectedTags))
  return { seen, truth: truthOf(more, seen, question) }
}

function checkLines(refused: Refused, { further, along }: Lines): void {
  const { truth, purge } = refused
  const whole = withNames(refused, further)
  same(namesTooLittle(whole.truth), false)
  const named = new Set([...purge.target.tags, ...further].map(({ tag }) => tag))
  same(
    sorted(along.map(({ tag }) => tag)),
    sorted([...whole.truth.going.keys()].filter((tag) => !named.has(tag) && !truth.going.has(tag))),
  )
  if (further.length > FEW) return
  for (const names of subsetsOf(further)) {
    const left = further.filter((each) => !names.includes(each))
    const { truth, seen } = withNames(refused, names)
    if (left.length === 0 || namesTooLittle(truth)) continue
    // What is left out is not in the way any more, but only since it is now content that another index shares.
    if (!left.some((each) => servesTheSame(each, seen, truth))) same(left, [])
  }
}

/** No other names would do, unless a protected tag still serves the image. */
function checkProtected(refused: Refused, told: ReadonlySet<Tag>): void {
  const { truth, question, seen } = refused
  const all = [...truth.remaining].flatMap(([tag, digest]) => (digest === undefined ? [] : [{ tag, digest }]))
  const isFree = ({ tag }: { tag: Tag }): boolean => !isProtected(question.protectedTags, tag)
  const tagged = new Set(all.map(({ digest }) => digest))
  const untagged = [...seen.read.keys()].filter(
    (digest) => !tagged.has(digest) && partsIn(seen, digest)?.subject !== undefined,
  )
  const free: Name[] = [...all.filter(isFree), ...untagged.map((digest) => ({ digest }))]
  if (free.length > FEW) return
  for (const names of subsetsOf(free)) {
    const { truth, seen } = withNames(refused, names)
    const serving = all.filter((each) => told.has(each.tag) && servesTheSame(each, seen, truth))
    if (serving.length === 0) same(namesTooLittle(truth), true)
  }
}

/** Whether a tag stays that needs a manifest which is the same image as one that goes. */
function servesTheSame({ tag, digest }: Name, seen: Seen, truth: Truth): boolean {
  if (digest === undefined || (tag !== undefined && !truth.remaining.has(tag))) return false
  const configOf = (each: Digest): Digest | undefined => partsIn(seen, each)?.config
  const configs = new Set([...truth.tree].map(configOf))
  const needed = [...needsOf(seen, [digest], truth.roots).manifests].map(configOf)
  return needed.some((config) => config !== undefined && configs.has(config))
}

function* subsetsOf<T>(all: readonly T[]): Generator<T[]> {
  for (let bits = 0; bits < 2 ** all.length; bits++) yield all.filter((_, at) => (bits >> at) % 2 === 1)
}
