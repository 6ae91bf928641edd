import { expect, test } from '@jest/globals'
import type { Tag } from '../../src/oci/tag.js'
import type { RepositoryPlan } from '../../src/plan/plan.js'
import { Work, type PurgeTools } from '../../src/purge/work.js'
import type { Which } from '../../src/survey/collect.js'
import type { Facts } from '../../src/survey/facts.js'

const none = { manifests: new Map(), missing: new Map(), referrers: new Map(), twins: new Map() }

/** A purge of which only the looks are of interest: each begins, and is over when it is told so. */
function lookingAt(tags: number): { work: Work; looks: Which[]; finish: () => void } {
  const listed = Array.from({ length: tags }, (_, at) => `v${at}` as Tag)
  const facts = { ...none, listed, tags: new Map(), referrersUnclear: new Map() } as unknown as Facts
  const lists = { tags: [], manifests: [], blobs: [], kept: [], remaining: [] }
  const plan = { repository: 'acme/app', ...lists, image: new Set(), ignored: new Set() }
  const looks: Which[] = []
  const waiting: (() => void)[] = []
  const surveyor = {
    look: async (_: Facts, which: Which) => {
      looks.push(which)
      await new Promise<void>((done) => waiting.push(done))
      return facts
    },
  }
  const tools = { clock: { now: () => 5_000 }, surveyor } as unknown as PurgeTools
  const work = new Work(plan as unknown as RepositoryPlan, facts, new Set(), tools)
  return { work, looks, finish: () => waiting.shift()?.() }
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done))

test('who has waited gets a look at every tag, though one at the new ones is under way', async () => {
  const { work, looks, finish } = lookingAt(200)
  const fresh = work.lookedWithin(1_000)
  const since = work.lookedSince(4_000)
  await turn()
  expect(looks).toEqual(['new'])
  finish()
  await fresh
  await turn()
  expect(looks).toEqual(['new', 'all'])
  finish()
  await since
})

test('what goes at the same time looks together, where there are few tags at all of them', async () => {
  const { work, looks, finish } = lookingAt(20)
  const all = [work.lookedWithin(1_000), work.lookedWithin(1_000), work.lookedSince(4_000)]
  await turn()
  finish()
  await Promise.all(all)
  await work.lookedWithin(1_000)
  expect(looks).toEqual(['all'])
})
