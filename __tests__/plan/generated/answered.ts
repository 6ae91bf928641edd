import { expect } from '@jest/globals'
import { compileTagGlob } from '../../../src/oci/glob.js'
import type { Digest } from '../../../src/oci/digest.js'
import { plan } from '../../../src/plan/decide.js'
import type { Case, Plan, RepositoryPlan, Rules } from '../../../src/plan/plan.js'
import { truthOf, type Truth } from './oracle/truth.js'
import { look, plainNames, surveyOf, type Seen } from './world/look.js'
import type { Purge, Question } from './world/world.js'

export const RUNS = Number(process.env['PLAN_RUNS'] ?? 5000)
/** Another one each time, but in CI, where a build must say the same of the same source. */
const CHANCE = process.env['CI'] === 'true' ? 160_724_295 : Date.now() % 2 ** 31
export const SEED = Number(process.env['PLAN_SEED'] ?? CHANCE)
export const TIMEOUT = 300_000
export const REGISTRY = 'https://registry.example.com'

/** A question with the engine's answer, and what the oracle says to each repository. */
export interface Answered {
  readonly question: Question
  readonly answer: Plan
  readonly parts: readonly Part[]
}

export function answer(question: Question): Answered {
  const seen = question.purges.map((purge) => look(purge, plainNames(question.protectedTags)))
  const cases = question.purges.map(({ target }, at): Case => ({
    target,
    survey: surveyOf((seen[at] as Seen).facts, question),
  }))
  const answer = plan(cases, rulesOf(question))
  return {
    question,
    answer,
    parts: question.purges.map(
      (purge, at) => new Part(purge, seen[at] as Seen, question, answer.repositories[at] as RepositoryPlan),
    ),
  }
}

/** One repository's part of an answer. */
class Part {
  readonly purge: Purge
  readonly seen: Seen
  readonly plan: RepositoryPlan
  readonly #question: Question
  #truth: Truth | undefined

  constructor(purge: Purge, seen: Seen, question: Question, plan: RepositoryPlan) {
    this.purge = purge
    this.seen = seen
    this.plan = plan
    this.#question = question
  }

  /** What the oracle says, worked out when it is asked for. */
  get truth(): Truth {
    this.#truth ??= truthOf(this.purge, this.seen, this.#question)
    return this.#truth
  }
}

export function rulesOf(question: Question, approved?: Digest): Rules {
  const { protectedTags, sharedBlobs, unreadableTags, dryRun } = question
  return {
    registry: REGISTRY,
    scope: 'image',
    unreadableTags,
    sharedBlobs,
    dryRun,
    protectedTags: protectedTags.flatMap((text) => {
      const glob = compileTagGlob(text)
      return 'value' in glob ? [glob.value] : []
    }),
    together: true,
    tagsOnReferrers: 'delete',
    furtherTags: 'name-them',
    ...(approved !== undefined && { approved }),
  }
}

/** As `expect(…).toEqual(…)`, but quick where they are equal, which is nearly always. */
export function same(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected)
}

export const digestsOf = (list: readonly { digest: Digest }[]): Set<Digest> =>
  new Set(list.map(({ digest }) => digest))

export const goingOf = ({ manifests, blobs }: RepositoryPlan): Set<Digest> =>
  digestsOf([...manifests, ...blobs])

export const sorted = (all: Iterable<string>): string[] => [...all].sort()

export function casesOf({ question, parts }: Pick<Answered, 'question' | 'parts'>): Case[] {
  return parts.map(({ purge: { target }, seen }) => ({ target, survey: surveyOf(seen.facts, question) }))
}
