import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { plan } from '../../../src/plan/decide.js'
import type { Survey, Untagging } from '../../../src/survey/facts.js'
import { rulesOf, same, SEED, sorted, TIMEOUT } from './answered.js'
import { add, needsOf } from './oracle/belonging.js'
import { question } from './world/question.js'
import { blindSpots, ofLabels, type Reason } from './oracle/reasons.js'
import { reasonsIn } from './oracle/said.js'
import { look, plainNames, surveyOf } from './world/look.js'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'

const untagging: fc.Arbitrary<Untagging> = fc.constantFrom(
  { is: 'possible', way: 'tag' },
  { is: 'possible', way: 'gitlab' },
  { is: 'possible', way: 'placeholder' },
  { is: 'impossible', deletion: { is: 'off', why: '405', readOnly: false } },
  { is: 'impossible', deletion: { is: 'denied', why: '403' } },
)

const counts = { all: 0, 'carried out': 0, refused: 0 }

describe('a plan for the labels alone', () => {
  test(
    'takes the named labels and nothing else, and is refused for what is wrong with labels and tags',
    () => {
      fc.assert(
        fc.property(question, untagging, (asked, untagging) => {
          const purges = asked.purges.map(({ world, target }) => ({
            world,
            target: { ...target, digests: [], blobs: [] },
          }))
          const seen = purges.map((purge) => look(purge, plainNames(asked.protectedTags)))
          const cases = purges.map(({ target }, at) => {
            const { twinsUnclear: _, ...survey } = surveyOf(seen[at]!.facts, asked)
            return { target, survey: { ...survey, twinsUnclear: [], untagging } satisfies Survey }
          })
          const labels = plan(cases, { ...rulesOf(asked), scope: 'tag' })
          same(labels.fingerprint === plan(cases, rulesOf(asked)).fingerprint, false)
          for (const [at, { target }] of purges.entries()) {
            const { facts } = seen[at]!
            const named = new Map(target.tags.map(({ tag, digest }) => [tag, digest]))
            const resolved = (tag: Tag): Digest | undefined => {
              const state = facts.tags.get(tag)
              return state?.is === 'resolved' ? state.digest : undefined
            }
            const standing = [...named].filter(([tag, pinned]) => (pinned ?? resolved(tag)) !== undefined)
            const others = [...facts.tags].filter(
              ([tag, { is }]) => !named.has(tag) && (is !== 'unknown' || facts.listed.includes(tag)),
            )
            const holders = new Map<Digest, Set<Tag>>()
            for (const tag of new Set([...named.keys(), ...others.map(([tag]) => tag)]))
              for (const digest of needsOf(seen[at]!, [resolved(tag) ?? []].flat(), new Set()).all)
                add(holders, digest, tag)
            const { reasons } = ofLabels(target, seen[at]!)
            const { refused, ignored } = blindSpots(seen[at]!, asked, others, holders)
            const expected = new Set<Reason>([
              ...reasons,
              ...(refused ? (['remaining unreadable'] as const) : []),
            ])
            const needed = [...named.keys()].some((tag) => resolved(tag) !== undefined)
            const denied = untagging.is === 'impossible' && untagging.deletion.is === 'denied'
            if (needed && untagging.is === 'impossible' && !(denied && asked.dryRun)) expected.add('deletion')

            const found = labels.repositories[at]!
            same(
              found.tags.map(({ tag, digest, root }) => [tag, digest, root]),
              sorted(standing.map(([tag]) => tag)).map((tag) => [
                tag,
                resolved(tag as Tag),
                named.get(tag as Tag) ?? resolved(tag as Tag),
              ]),
            )
            same(
              [found.scope, found.manifests, found.blobs, found.kept, found.image.size],
              ['tag', [], [], [], 0],
            )
            same(
              found.remaining.map(({ tag, digest }) => [tag, digest]),
              sorted(others.map(([tag]) => tag)).map((tag) => [tag, resolved(tag as Tag)]),
            )
            same(found.way, needed && untagging.is === 'possible' ? untagging.way : undefined)
            same(sorted(found.ignored), sorted(ignored))
            same(reasonsIn(found.refusals), { reasons: sorted(expected), strange: [] })
            counts.all++
            if (found.refusals.length > 0) counts.refused++
            else if (needed) counts['carried out']++
          }
        }),
        { numRuns: 1000, seed: SEED },
      )
    },
    TIMEOUT,
  )

  test('is asked for of every sort', () => {
    expect(counts['carried out']).toBeGreaterThan(counts.all / 5)
    expect(counts.refused).toBeGreaterThan(counts.all / 5)
  })
})
