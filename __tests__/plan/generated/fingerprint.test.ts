import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sha256 } from '../../../src/oci/digest.js'
import { plan } from '../../../src/plan/decide.js'
import type { Case, Kept, Plan, PlannedContent, RepositoryPlan } from '../../../src/plan/plan.js'
import { answer, casesOf, digestsOf, rulesOf, RUNS, same, SEED, sorted, TIMEOUT } from './answered.js'
import type { Answered } from './answered.js'
import { question } from './world/question.js'
import { orderOf } from './oracle/order.js'
import { always } from './properties.js'
import { look, plainNames, surveyOf } from './world/look.js'
import type { Purge } from './world/world.js'

/** The decision that each fingerprint stood for, over all questions. */
const decisions = new Map<string, string>()

describe('the fingerprint of a plan', () => {
  const ask = always({
    'differs for whatever differs in tags, in digests that go, or in digests that are kept': (answered) => {
      const variants = [answered.answer, ...lessThan(answered)]
      for (const { repositories, fingerprint } of variants) {
        const decision = sha256(JSON.stringify(repositories.map(decisionOf).sort()))
        same(decisions.get(fingerprint) ?? decision, decision)
        decisions.set(fingerprint, decision)
      }
      const all = variants.map(({ repositories }) => repositories.map(decisionOf).sort().join('\n'))
      same(new Set(variants.map(({ fingerprint }) => fingerprint)).size, new Set(all).size)
    },

    'is asked for by approve, and nothing but the same one will do': (answered) => {
      const { question, answer } = answered
      const cases = casesOf(answered)
      const right = plan(cases, rulesOf(question, answer.fingerprint))
      const wrong = plan(cases, rulesOf(question, sha256('another plan')))
      same(right.refusals, [])
      same(wrong.refusals.filter(({ kind }) => kind === 'fingerprint-differs').length, 1)
    },
  })

  test(
    'is of no two decisions, over all questions',
    () => {
      ask()
      expect(decisions.size).toBeGreaterThan(RUNS / 10)
      expect(new Set(decisions.values()).size).toBe(decisions.size)
    },
    TIMEOUT,
  )

  test(
    'is the same for the same facts in any order, and so is the plan',
    () => {
      fc.assert(
        fc.property(question, fc.infiniteStream(fc.nat()), (asked, chance) => {
          const { answer: straight, parts } = answer(asked)
          const shuffle = shuffler(chance)
          const mixed = plan(
            shuffle(asked.purges).map((purge): Case => {
              const { facts } = look(purge, plainNames(asked.protectedTags))
              const { target } = purge
              return {
                target: {
                  ...target,
                  tags: shuffle(target.tags),
                  digests: shuffle(target.digests),
                  blobs: shuffle(target.blobs),
                },
                survey: {
                  ...surveyOf(facts, asked),
                  listed: shuffle(facts.listed),
                  tags: new Map(shuffle([...facts.tags])),
                  manifests: new Map(shuffle([...facts.manifests])),
                  missing: new Map(shuffle([...facts.missing])),
                  referrers: new Map(
                    shuffle([...facts.referrers]).map(([key, list]) => [key, shuffle(list)]),
                  ),
                  referrersUnclear: new Map(shuffle([...facts.referrersUnclear])),
                  twins: new Map(shuffle([...facts.twins])),
                },
              }
            }),
            rulesOf(asked),
          )
          same(mixed.fingerprint, straight.fingerprint)
          for (const { purge, seen, truth, plan } of parts) {
            const twin = mixed.repositories.find(({ repository }) => repository === purge.target.repository)
            const ordered = orderOf(seen, truth.whole).circling.size === 0
            same(contentOf(twin as RepositoryPlan, ordered), contentOf(plan, ordered))
          }
        }),
        { numRuns: RUNS, seed: SEED },
      )
    },
    TIMEOUT,
  )
})

/** Plans for a little less: each is another plan, unless what was left out changes nothing. */
function lessThan({ question, parts }: Answered): Plan[] {
  const asked = (change: (target: Purge['target']) => Purge['target']): Plan =>
    plan(
      parts.map(({ purge, seen }) => ({
        target: change(purge.target),
        survey: surveyOf(seen.facts, question),
      })),
      rulesOf(question),
    )
  return [
    asked((target) => ({ ...target, tags: target.tags.slice(1) })),
    asked((target) => ({ ...target, digests: [] })),
    asked((target) => ({ ...target, blobs: target.blobs.slice(1) })),
  ]
}

function decisionOf(plan: RepositoryPlan): string {
  const { repository, tags, manifests, blobs, kept } = plan
  return JSON.stringify([
    repository,
    tags.map(({ tag, root }) => `${tag} ${root}`).sort(),
    sorted(digestsOf(manifests)),
    sorted(digestsOf(blobs)),
    sorted(digestsOf(kept)),
  ])
}

/** @param ordered false: some names form a circle, and then things may go in any order */
function contentOf(
  { refusals, warnings, image, ignored, ...rest }: RepositoryPlan,
  ordered: boolean,
): object {
  const anyhow = <T extends PlannedContent | Kept>(list: readonly T[]): object[] =>
    [...list].sort((one, other) => (one.digest < other.digest ? -1 : 1)).map(({ level: _, ...each }) => each)
  const { manifests, kept } = rest
  return {
    ...rest,
    ...(!ordered && { manifests: anyhow(manifests), kept: anyhow(kept) }),
    image: sorted(image),
    ignored: sorted(ignored),
    refusals: refusals.length,
    warnings: warnings.length,
  }
}

function shuffler(chance: fc.Stream<number>): <T>(list: readonly T[]) => T[] {
  return (list) => {
    const all = [...list]
    for (let at = all.length - 1; at > 0; at--) {
      const other = chance.next().value % (at + 1)
      ;[all[at], all[other]] = [all[other] as never, all[at] as never]
    }
    return all
  }
}
