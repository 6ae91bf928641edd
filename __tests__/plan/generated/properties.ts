import { test } from '@jest/globals'
import fc from 'fast-check'
import { answer, RUNS, SEED, TIMEOUT, type Answered } from './answered.js'
import { question } from './world/question.js'

/** What has to hold of each question and its answer. It throws where it does not. */
export type Property = (answered: Answered) => void

/**
 * Makes a test of each property, over thousands of questions. Each question is answered once for all of them; for a
 * property that does not hold, the smallest question is looked for that shows it.
 *
 * @param watch is shown each question once, whatever holds
 * @returns asks all the questions, unless that was done
 */
export function always(properties: Readonly<Record<string, Property>>, watch?: Property): () => void {
  let broken: ReadonlySet<string> | undefined
  const ask = (): ReadonlySet<string> => (broken ??= brokenOf(properties, watch))
  test.each(Object.entries(properties))(
    '%s',
    (name, holds) => {
      if (!ask().has(name)) return
      fc.assert(
        fc.property(question, (asked) => holds(answer(asked))),
        { numRuns: RUNS, seed: SEED },
      )
      throw new Error(
        'it did not hold the first time, and does now: the same question must have the same answer',
      )
    },
    TIMEOUT,
  )
  return () => void ask()
}

function brokenOf(properties: Readonly<Record<string, Property>>, watch?: Property): ReadonlySet<string> {
  const broken = new Set<string>()
  const all = fc.property(question, (asked) => {
    const answered = answer(asked)
    watch?.(answered)
    for (const [name, holds] of Object.entries(properties)) {
      try {
        holds(answered)
      } catch {
        broken.add(name)
      }
    }
  })
  fc.assert(all, { numRuns: RUNS, seed: SEED })
  return broken
}
