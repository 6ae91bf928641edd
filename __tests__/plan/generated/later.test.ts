import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { reconsider } from '../../../src/plan/reconsider.js'
import { answer, RUNS, same, SEED, sorted, TIMEOUT } from './answered.js'
import { change, changed } from './world/change.js'
import { question } from './world/question.js'
import { truthLater } from './oracle/later.js'
import { look, plainNames } from './world/look.js'

const counts: Record<string, number> = {}
const count = (what: string, is = true): void => void (counts[what] = (counts[what] ?? 0) + (is ? 1 : 0))

/** The smallest shares of looks with which the property says something. */
const LEAST = {
  'leaves something': 0.1,
  'releases something': 0.1,
  'releases tags': 0.007,
  'finds a moved tag': 0.04,
  'finds a newcomer': 0.02,
  'is not sure': 0.015,
}

describe('another look at the tags while a plan is carried out', () => {
  test(
    'leaves what a tag needs now, and releases exactly what none needs any more with what is attached to it',
    () => {
      fc.assert(
        fc.property(question, change, (asked, changes) => {
          for (const { purge, seen, plan } of answer(asked).parts) {
            if (plan.refusals.length > 0) continue
            const later = { ...purge, world: changed(purge.world, changes) }
            const again = look(later, plainNames(asked.protectedTags), seen)
            const found = reconsider(plan, again.facts)
            const truth = truthLater(again, plan)
            count('looks')
            count('leaves something', truth.left.size > 0)
            count('releases something', truth.released.size > 0)
            count('releases tags', truth.labels.size > 0)
            count('finds a moved tag', truth.moved.size > 0)
            count('finds a newcomer', truth.newcomers.size > 0)
            count('is not sure', !truth.sure)
            same(
              [...found.left].map(([digest, tags]) => [digest, sorted(tags)]).sort(),
              [...truth.left].map(([digest, tags]) => [digest, sorted(tags)]).sort(),
            )
            const { tags, manifests, blobs } = found.released
            same(sorted([...manifests, ...blobs].map(({ digest }) => digest)), sorted(truth.released))
            same(sorted(tags.map(({ tag }) => tag)), sorted(truth.labels))
            same(sorted(found.moved.map(({ tag }) => tag)), sorted(truth.moved))
            same(sorted(found.newcomers.map(({ tag, digest }) => tag ?? digest)), sorted(truth.newcomers))
            same(found.unsure.length === 0, truth.sure)
          }
        }),
        { numRuns: RUNS, seed: SEED },
      )
    },
    TIMEOUT,
  )

  test('reaches what has to be reached', () => {
    process.stdout.write(`later looks: ${JSON.stringify(counts)}\n`)
    const { looks = 0 } = counts
    for (const [what, least] of Object.entries(LEAST))
      expect([what, (counts[what] ?? 0) / looks >= least]).toEqual([what, true])
  })
})
