import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import { plan } from '../../../src/plan/decide.js'
import type { Problem } from '../../../src/plan/problem.js'
import { casesOf, goingOf, rulesOf, RUNS, same, SEED, sorted, TIMEOUT } from './answered.js'
import { orderOf } from './oracle/order.js'
import { always, type Property } from './properties.js'
import { aliasesIn, reasonsIn } from './oracle/said.js'
import { LEAST, traitsOf } from './traits.js'
import { isProtected, partsOf } from './world/world.js'

const PROPERTIES: Readonly<Record<string, Property>> = {
  'lets nothing go that a remaining tag needs': ({ parts }) => {
    for (const { plan, truth } of parts)
      for (const digest of goingOf(plan)) same([...(truth.holders.get(digest) ?? [])], [])
  },

  'lets everything else of the image go, but the well-known empty blobs': ({ parts }) => {
    for (const { plan, truth } of parts)
      same(sorted(goingOf(plan)), sorted([...truth.image].filter((digest) => !truth.holders.has(digest))))
  },

  'never takes a blob for a manifest, nor a manifest for a blob': ({ parts }) => {
    for (const { plan, seen, truth } of parts) {
      same(plan.manifests.length + plan.blobs.length, goingOf(plan).size)
      if (plan.refusals.length > 0) continue
      const blobs = new Set([...seen.read.values()].flatMap((stored) => partsOf(stored).blobs))
      same(
        plan.manifests.filter(({ digest }) => !seen.read.has(digest) && blobs.has(digest)),
        [],
      )
      same(
        plan.blobs.filter(
          ({ digest }) => seen.read.has(digest) || (truth.roots.has(digest) && !blobs.has(digest)),
        ),
        [],
      )
    }
  },

  'keeps exactly what is shared, with exactly the tags that hold it': ({ parts }) => {
    for (const { plan, truth } of parts) {
      const shared = [...truth.image].filter((digest) => truth.holders.has(digest))
      same(
        plan.kept.map(({ digest, heldBy }) => [digest, heldBy]),
        sorted(shared).map((digest) => [digest, sorted(truth.holders.get(digest as Digest) ?? [])]),
      )
    }
  },

  'names exactly the tags that stay, with what they point to': ({ parts }) => {
    for (const { plan, truth } of parts)
      same(
        plan.remaining.map(({ tag, digest }) => [tag, digest]),
        sorted(truth.remaining.keys()).map((tag) => [tag, truth.remaining.get(tag as Tag)]),
      )
  },

  'takes along exactly the tags that belong to what goes': ({ parts }) => {
    for (const { plan, truth } of parts) {
      same(
        plan.tags.map(({ tag, root }) => [tag, root]),
        sorted(truth.going.keys()).map((tag) => [tag, truth.going.get(tag as Tag)]),
      )
      for (const { tag, belongsTo } of plan.tags)
        if (truth.whole.tags.has(tag)) same(goingOf(plan).has(belongsTo as Digest), true)
        else same(belongsTo, undefined)
    }
  },

  'passes over exactly what may be passed over': ({ parts }) => {
    for (const { plan, truth } of parts) same(sorted(plan.ignored), sorted(truth.ignored))
  },

  'is refused for every reason that the contract has, and for no other': ({ parts }) => {
    for (const { plan, truth } of parts) {
      const { reasons, strange } = reasonsIn(plan.refusals)
      same(reasons, [...truth.reasons].sort())
      same(strange, [])
    }
  },

  'names every alias with its digest': ({ parts }) => {
    for (const { plan, truth } of parts)
      same(
        aliasesIn(plan.refusals).sort(),
        sorted([...truth.aliases].map((tag) => `${tag}@${truth.remaining.get(tag) ?? ''}`)),
      )
  },

  'refuses a protected tag that is nowhere, and only says so where the plan was approved': (answered) => {
    const { question, answer, parts } = answered
    const stay = parts.flatMap(({ truth }) => [...truth.remaining.keys()])
    const nowhere = question.protectedTags.filter((glob) => !stay.some((tag) => isProtected([glob], tag)))
    same(answer.refusals.map(patternOf).sort(), sorted(nowhere))
    const approved = plan(casesOf(answered), rulesOf(question, answer.fingerprint))
    same(approved.refusals, [])
    same(approved.warnings.map(patternOf).sort(), sorted(nowhere))
  },

  'deletes parents before their children, and what is attached before what it is attached to': ({
    parts,
  }) => {
    for (const { plan, seen, truth } of parts) {
      const place = new Map(plan.manifests.map(({ digest, level }, at) => [digest, { at, level }]))
      const { after, circling } = orderOf(seen, truth.whole)
      for (const [first, { at, level }] of place) {
        if (circling.has(first)) continue
        for (const next of after(first)) {
          const below = place.get(next)
          if (below !== undefined) same([below.at > at, below.level > level], [true, true])
        }
      }
    }
  },
}

const patternOf = (problem: Problem): string =>
  problem.kind === 'protected-tags-match-nothing' ? problem.pattern : problem.kind

const shares: Record<string, number> = {}
let all = 0

describe('a plan for a made-up repository', () => {
  const ask = always(PROPERTIES, ({ parts }) => {
    for (const { purge, seen, truth, plan } of parts) {
      all++
      const traits = new Set(traitsOf(purge, seen, truth, plan))
      if (parts.length > 1) traits.add('several repositories')
      for (const trait of traits) shares[trait] = (shares[trait] ?? 0) + 1
    }
  })

  test(
    'is asked for of every sort that has to be reached',
    () => {
      ask()
      const lines = Object.entries(shares)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([trait, number]) => `  ${trait}: ${((100 * number) / all).toFixed(1)} %`)
      process.stdout.write(
        `${all} made-up repositories in ${RUNS} runs, seed ${SEED}:\n${lines.join('\n')}\n`,
      )
      for (const [trait, least] of Object.entries(LEAST))
        expect([trait, (shares[trait] ?? 0) / all >= least]).toEqual([trait, true])
    },
    TIMEOUT,
  )
})
