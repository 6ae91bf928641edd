import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Tag } from '../../../src/oci/tag.js'
import { plan } from '../../../src/plan/decide.js'
import type { Case } from '../../../src/plan/plan.js'
import type { Untagging } from '../../../src/survey/facts.js'
import { rulesOf, same, SEED, sorted, TIMEOUT } from './answered.js'
import { truthOfLabels } from './oracle/labels.js'
import { reasonsIn } from './oracle/said.js'
import { look, plainNames, surveyOf } from './world/look.js'
import { question } from './world/question.js'

const RUNS = 1000

const untagging: fc.Arbitrary<Untagging> = fc.constantFrom(
  { is: 'possible', way: 'tag' },
  { is: 'possible', way: 'gitlab' },
  { is: 'possible', way: 'placeholder' },
  { is: 'impossible', deletion: { is: 'off', answered: '405', readOnly: false } },
  { is: 'impossible', deletion: { is: 'denied', answered: '403' } },
)

const counts = { all: 0, 'carried out': 0, refused: 0 }

describe('a plan for the labels alone', () => {
  test(
    'takes the named labels and nothing else, and is refused for what is wrong with labels and tags',
    () => {
      fc.assert(
        fc.property(question, untagging, (asked, untagging) => {
          const parts = asked.purges.map(({ world, target }) => {
            const purge = { world, target: { ...target, digests: [], blobs: [] } }
            return { purge, seen: look(purge, plainNames(asked.protectedTags)) }
          })
          const cases = parts.map(({ purge: { target }, seen }): Case => {
            const survey = surveyOf(seen.facts, asked)
            return { target, survey: { ...survey, twinsUnclear: [], untagging } }
          })
          const { repositories, fingerprint } = plan(cases, { ...rulesOf(asked), scope: 'tag' })
          same(fingerprint === plan(cases, rulesOf(asked)).fingerprint, false)
          for (const [at, found] of repositories.entries()) {
            const { purge, seen } = parts[at]!
            const truth = truthOfLabels(purge, seen, asked, untagging)
            same(
              found.tags.map(({ tag, digest, root }) => [tag, { digest, root }]),
              sorted(truth.going.keys()).map((tag) => [tag, truth.going.get(tag as Tag)]),
            )
            same(
              found.remaining.map(({ tag, digest }) => [tag, digest]),
              sorted(truth.remaining.keys()).map((tag) => [tag, truth.remaining.get(tag as Tag)]),
            )
            const { scope, manifests, blobs, kept, image } = found
            same([scope, manifests, blobs, kept, image.size], ['tag', [], [], [], 0])
            same(found.way, truth.needed && untagging.is === 'possible' ? untagging.way : undefined)
            same(sorted(found.ignored), sorted(truth.ignored))
            same(reasonsIn(found.refusals), { reasons: sorted(truth.reasons), strange: [] })
            counts.all++
            if (found.refusals.length > 0) counts.refused++
            else if (truth.needed) counts['carried out']++
          }
        }),
        { numRuns: RUNS, seed: SEED },
      )
    },
    TIMEOUT,
  )

  test('is asked for of every sort', () => {
    expect(counts['carried out']).toBeGreaterThan(counts.all / 5)
    expect(counts.refused).toBeGreaterThan(counts.all / 5)
  })
})
