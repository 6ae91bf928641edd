import { expect } from '@jest/globals'
import fc from 'fast-check'
import { compileTagGlob } from '../../src/oci/glob.js'
import type { Digest } from '../../src/oci/digest.js'
import { plan } from '../../src/plan/decide.js'
import type { Case, Plan, RepositoryPlan, Rules } from '../../src/plan/plan.js'
import { question } from './generate.js'
import { truthOf, type Truth } from './oracle.js'
import { look, plainNames, surveyOf, type Seen } from './survey.js'
import type { Purge, Question } from './world.js'

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
  readonly parts: readonly { purge: Purge; seen: Seen; truth: Truth; plan: RepositoryPlan }[]
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
    parts: question.purges.map((purge, at) => ({
      purge,
      seen: seen[at] as Seen,
      truth: truthOf(purge, seen[at] as Seen, question),
      plan: answer.repositories[at] as RepositoryPlan,
    })),
  }
}

export function rulesOf({ protectedTags, sharedBlobs, dryRun }: Question, approved?: Digest): Rules {
  const globs = protectedTags.map((text) => compileTagGlob(text))
  return {
    registry: REGISTRY,
    sharedBlobs,
    dryRun,
    protectedTags: globs.filter((glob) => typeof glob !== 'string'),
    ...(approved !== undefined && { approved }),
  }
}

let answered: readonly Answered[] | undefined

/** Checks a property over thousands of questions, the same ones for each property, and shrinks one that breaks it. */
export function always(holds: (answered: Answered) => void): void {
  answered ??= fc.sample(question, { numRuns: RUNS, seed: SEED }).map(answer)
  for (const each of answered) {
    try {
      holds(each)
    } catch (error) {
      fc.assert(
        fc.property(question, (asked) => holds(answer(asked))),
        { numRuns: RUNS, seed: SEED },
      )
      throw error
    }
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
