import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sha256, type Digest } from '../../src/oci/digest.js'
import type { Tag } from '../../src/oci/tag.js'
import { plan } from '../../src/plan/decide.js'
import type { Case, Plan, RepositoryPlan } from '../../src/plan/plan.js'
import { reconsider } from '../../src/plan/reconsider.js'
import {
  always,
  answer,
  casesOf,
  digestsOf,
  goingOf,
  rulesOf,
  RUNS,
  same,
  SEED,
  sorted,
  TIMEOUT,
} from './answered.js'
import type { Answered } from './answered.js'
import { change, changed, question } from './generate.js'
import { truthLater, type Reason } from './oracle.js'
import { look, plainNames, surveyOf } from './survey.js'
import { LEAST, traitsOf } from './traits.js'
import { isProtected, partsOf, type Purge, type Question } from './world.js'

describe('a plan for a made-up repository', () => {
  test(
    'lets nothing go that a remaining tag needs',
    () => {
      always(({ parts }) => {
        for (const { plan, truth } of parts)
          for (const digest of goingOf(plan)) same([...(truth.holders.get(digest) ?? [])], [])
      })
    },
    TIMEOUT,
  )

  test(
    'lets everything else of the image go, but the well-known empty blobs',
    () => {
      always(({ parts }) => {
        for (const { plan, truth } of parts)
          same(sorted(goingOf(plan)), sorted([...truth.image].filter((digest) => !truth.holders.has(digest))))
      })
    },
    TIMEOUT,
  )

  test(
    'never takes a blob for a manifest, nor a manifest for a blob',
    () => {
      always(({ parts }) => {
        for (const { plan, seen, truth } of parts) {
          const blobs = new Set([...seen.read.values()].flatMap((stored) => partsOf(stored).blobs))
          const wrong = plan.manifests.filter(({ digest }) => !seen.read.has(digest) && blobs.has(digest))
          if (plan.refusals.length === 0) same(wrong, [])
          const manifests = plan.blobs.filter(
            ({ digest }) => seen.read.has(digest) || (truth.roots.has(digest) && !blobs.has(digest)),
          )
          if (plan.refusals.length === 0) same(manifests, [])
          same(plan.manifests.length + plan.blobs.length, goingOf(plan).size)
        }
      })
    },
    TIMEOUT,
  )

  test(
    'keeps exactly what is shared, with exactly the tags that hold it',
    () => {
      always(({ parts }) => {
        for (const { plan, truth } of parts) {
          const shared = [...truth.image].filter((digest) => truth.holders.has(digest))
          same(
            plan.kept.map(({ digest, heldBy }) => [digest, heldBy]),
            sorted(shared).map((digest) => [digest, sorted(truth.holders.get(digest as Digest) ?? [])]),
          )
        }
      })
    },
    TIMEOUT,
  )

  test(
    'names exactly the tags that stay, with what they point at',
    () => {
      always(({ parts }) => {
        for (const { plan, truth } of parts)
          same(
            plan.remaining.map(({ tag, digest }) => [tag, digest]),
            sorted(truth.remaining.keys()).map((tag) => [tag, truth.remaining.get(tag as Tag)]),
          )
      })
    },
    TIMEOUT,
  )

  test(
    'is refused for every reason that the contract has, and for no other',
    () => {
      always(({ parts }) => {
        for (const { plan, truth } of parts) {
          const told = (Object.keys(SAID) as Reason[]).filter((reason) =>
            plan.refusals.some((refusal) => SAID[reason].test(refusal)),
          )
          same(told.sort(), [...truth.reasons].sort())
          const strange = plan.refusals.filter((each) => !Object.values(SAID).some((said) => said.test(each)))
          same(strange, [])
        }
      })
    },
    TIMEOUT,
  )

  test(
    'lists every alias with its digest, as lines for image',
    () => {
      always(({ parts }) => {
        for (const { plan, truth } of parts) {
          const lines = plan.refusals
            .filter((each) => SAID.alias.test(each))
            .flatMap((each) => each.split('\n'))
          const listed = lines.filter((line) => /^ +\S+$/.test(line)).map((line) => line.trim())
          same(
            listed.sort(),
            sorted(
              [...truth.aliases].map((tag) => `${plan.repository}:${tag}@${truth.remaining.get(tag) ?? ''}`),
            ),
          )
        }
      })
    },
    TIMEOUT,
  )

  test(
    'refuses a protected tag that is nowhere, and only says so where the plan was approved',
    () => {
      always(({ question, answer, parts }) => {
        const stay = parts.flatMap(({ truth }) => [...truth.remaining.keys()])
        const nowhere = question.protectedTags.filter((glob) => !stay.some((tag) => isProtected([glob], tag)))
        same(answer.refusals.map(namedIn).sort(), sorted(nowhere))
        const approved = plan(casesOf({ question, parts }), rulesOf(question, answer.fingerprint))
        same(approved.refusals, [])
        same(approved.warnings.map(namedIn).sort(), sorted(nowhere))
      })
    },
    TIMEOUT,
  )

  test(
    'deletes parents before their children',
    () => {
      always(({ parts }) => {
        for (const { plan, seen } of parts) {
          const place = new Map(plan.manifests.map(({ digest, level }, at) => [digest, { at, level }]))
          for (const [parent, { at, level }] of place) {
            const stored = seen.read.get(parent)
            for (const child of stored === undefined ? [] : partsOf(stored).children) {
              const below = place.get(child)
              if (below === undefined) continue
              same([below.at > at, below.level > level], [true, true])
            }
          }
        }
      })
    },
    TIMEOUT,
  )
})

const namedIn = (sentence: string): string =>
  /^protected-tags: (\S+) matches no tag/.exec(sentence)?.[1] ?? sentence

/** How a refusal for each reason reads. */
const SAID: Readonly<Record<Reason, RegExp>> = {
  'tag unknown': /does not exist\.|the label dangles/,
  'tag unreadable': /cannot be worked with/,
  'tag elsewhere': /points at sha256:\w+, not at/,
  'tag not listed': /tag list lacks it/,
  'unknown kind': /of a kind that this action does not know|neither a manifest's nor a blob's/,
  'gone already': /is gone already/,
  'content unreadable': /which belongs to what was named, cannot be read/,
  'manifest named as blob': /is a manifest, not a blob/,
  'remaining unreadable':
    /stays, but|is in protected-tags, but its manifest|needs the manifest sha256:\w+, which cannot be read/,
  alias: /also served under other tags/,
  'named and needed': /was named, but a remaining tag needs it/,
  referrer: /belongs to sha256:\w+, which was to go|refers to sha256:\w+, which was to go/,
  shared: /shared-blobs is/,
  deletion: /deletion of (manifests|blobs)/,
}

describe('the fingerprint of a plan', () => {
  test(
    'is the same for the same facts in any order',
    () => {
      fc.assert(
        fc.property(question, fc.infiniteStream(fc.nat()), (asked, chance) => {
          const { answer: straight } = answer(asked)
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
                },
              }
            }),
            rulesOf(asked),
          )
          same(mixed.fingerprint, straight.fingerprint)
          for (const repository of mixed.repositories) {
            const twin = straight.repositories.find((each) => each.repository === repository.repository)
            same(contentOf(repository), contentOf(twin as RepositoryPlan))
          }
        }),
        { numRuns: RUNS, seed: SEED },
      )
    },
    TIMEOUT,
  )

  test(
    'differs for whatever differs in tags, in digests that go, or in digests that are kept',
    () => {
      const seen = new Map<string, string>()
      always(({ question, answer, parts }) => {
        const variants = [answer, ...lessThan(question, parts)]
        for (const { repositories, fingerprint } of variants) {
          const facts = sha256(JSON.stringify(repositories.map(decisionOf).sort()))
          same(seen.get(fingerprint) ?? facts, facts)
          seen.set(fingerprint, facts)
        }
        const decisions = variants.map(({ repositories }) => repositories.map(decisionOf).sort().join('\n'))
        same(new Set(variants.map(({ fingerprint }) => fingerprint)).size, new Set(decisions).size)
      })
      expect(new Set(seen.values()).size).toBe(seen.size)
    },
    TIMEOUT,
  )

  test(
    'is asked for by approve, and nothing but the same one will do',
    () => {
      always(({ question, answer, parts }) => {
        const cases = casesOf({ question, parts })
        const right = plan(cases, rulesOf(question, answer.fingerprint))
        const wrong = plan(cases, rulesOf(question, sha256('another plan')))
        same(right.refusals, [])
        same(wrong.refusals.filter((each) => each.startsWith('approve: ')).length, 1)
      })
    },
    TIMEOUT,
  )
})

/** Plans for a little less: each is another plan, unless what was left out changes nothing. */
function lessThan(question: Question, parts: Answered['parts']): Plan[] {
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

function contentOf({ refusals, warnings, image, ...rest }: RepositoryPlan): object {
  return {
    ...rest,
    image: sorted(image),
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

describe('another look at the tags while a plan is carried out', () => {
  test(
    'leaves what a tag needs now, and releases exactly what none needs any more',
    () => {
      fc.assert(
        fc.property(question, change, (asked, changes) => {
          for (const { purge, seen, plan, truth: before } of answer(asked).parts) {
            if (plan.refusals.length > 0) continue
            counts.looks++
            const later = { ...purge, world: changed(purge.world, changes) }
            const again = look(later, plainNames(asked.protectedTags), seen)
            const found = reconsider(plan, again.facts)
            const truth = truthLater(again, plan, before)
            if (truth.left.size > 0) counts.left++
            if (truth.released.size > 0) counts.released++
            same(
              [...found.left].map(([digest, tags]) => [digest, sorted(tags)]).sort(),
              [...truth.left].map(([digest, tags]) => [digest, sorted(tags)]).sort(),
            )
            same(sorted(found.released.map(({ digest }) => digest)), sorted(truth.released))
            same(found.unsure.length === 0, truth.sure)
          }
        }),
        { numRuns: RUNS, seed: SEED },
      )
    },
    TIMEOUT,
  )
})

const counts = { looks: 0, left: 0, released: 0 }

describe('the made-up repositories', () => {
  test(
    'reach what has to be reached',
    () => {
      const shares: Record<string, number> = {}
      let all = 0
      always(({ parts }) => {
        for (const { purge, seen, truth, plan } of parts) {
          all++
          for (const trait of traitsOf(purge, seen, truth, plan)) shares[trait] = (shares[trait] ?? 0) + 1
        }
      })
      const lines = Object.entries(shares)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([trait, number]) => `  ${trait}: ${((100 * number) / all).toFixed(1)} %`)
      process.stdout.write(
        `${all} made-up repositories in ${RUNS} runs, seed ${SEED}:\n${lines.join('\n')}\n` +
          `  later looks: ${counts.looks}, ${counts.left} of them leave and ${counts.released} release something\n`,
      )
      for (const [trait, least] of Object.entries(LEAST))
        expect([trait, (shares[trait] ?? 0) / all >= least]).toEqual([trait, true])
    },
    TIMEOUT,
  )
})
