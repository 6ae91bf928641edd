/** Made-up repositories, cleaned by made-up inputs, against an oracle that was written from the rules alone. */
import { expect, jest, test } from '@jest/globals'
import { artifact, signature, signatureTag } from '../../../testbed/images/artifacts.js'
import { ociImage, type Image } from '../../../testbed/images/image.js'
import { ociIndex } from '../../../testbed/images/indexes.js'
import { pushImage } from '../../support/push.js'
import { startMemoryRegistry, type MemoryRegistry, type MemoryStore } from '../../support/memory-registry.js'
import { SeededRandom } from '../../support/random.js'
import type { EngineRun } from '../../support/engine.js'
import { chosen, clean, daysOld, REPO } from './scene.js'

jest.setTimeout(300_000)
const RUNS = Number(process.env['CLEANUP_RUNS'] ?? 150)
const SEED = Number(process.env['CLEANUP_SEED'] ?? 1)

interface World {
  /** Tag → image. */
  readonly tags: Map<string, Image>
  readonly days: Map<string, number | null>
}

function makeWorld(random: SeededRandom): World {
  const days = new Map<string, number | null>()
  const pool: Image[] = []
  for (let at = 0; at < 3 + random.int(6); at++) {
    const age = random.chance(0.15) ? null : random.int(30)
    const layers = Array.from({ length: 1 + random.int(3) }, () => `layer ${random.int(8)}`)
    const image = ociImage(`image ${at}`, { layers, created: age === null ? null : daysOld(age) })
    days.set(image.digest, age)
    pool.push(image)
    if (random.chance(0.2)) {
      const twin = ociImage(`image ${at}`, {
        layers,
        created: age === null ? null : daysOld(age),
        annotations: { twin: 'yes' },
      })
      days.set(twin.digest, age)
      pool.push(twin)
    }
  }
  for (let at = 0; at < random.int(4); at++) {
    const children = Array.from({ length: 1 + random.int(3) }, () => random.pick(pool))
    const index = ociIndex([...new Set(children)])
    const ages = index.children.flatMap(({ digest }) => days.get(digest) ?? [])
    days.set(index.digest, ages.length === 0 ? null : Math.min(...ages))
    pool.push(index)
  }
  if (random.chance(0.3)) {
    const sbom = artifact(`sbom ${random.int(9)}`, { subject: { ...random.pick(pool) } })
    days.set(sbom.digest, null)
    pool.push(sbom)
  }
  const tags = new Map<string, Image>()
  for (let at = 0; at < 2 + random.int(10); at++)
    tags.set(`${random.pick(['debug', 'test', 'v'])}-${at}`, random.pick(pool))
  if (random.chance(0.4)) {
    const of = random.pick(pool)
    tags.set(signatureTag(of.digest), signature('sig', of))
  }
  return { tags, days }
}

function makeInputs(random: SeededRandom, { tags }: World): Record<string, string> {
  const inputs: Record<string, string> = {
    tags: random.pick(['debug-*', '{debug,test}-*', '**', '*-[0-4]', '**\n!v-*']),
  }
  const how = random.int(4)
  if (how !== 1) inputs['older-than'] = random.pick(['0s', '5d', '12d', '20d'])
  if (how > 0) inputs['keep-newest'] = String(random.int(4))
  if (random.chance(0.3)) {
    const own = [...tags.keys()].filter((tag) => !tag.startsWith('sha256-'))
    inputs['protected-tags'] = random.pick(own)
  }
  return inputs
}

/** What a test of the rules selects by name and age, whatever becomes of it. */
function selectedBy({ tags, days }: World, inputs: Readonly<Record<string, string>>): Set<string> {
  const names: Readonly<Record<string, RegExp>> = {
    'debug-*': /^debug-/,
    '{debug,test}-*': /^(debug|test)-/,
    '**': /^(?!sha256-)/,
    '*-[0-4]': /^(?!sha256-).*-[0-4]$/,
    '**\n!v-*': /^(?!sha256-|v-)/,
  }
  const matching = [...tags].filter(([tag]) => names[inputs['tags'] ?? '']?.test(tag))
  const olderThan = Number.parseInt(inputs['older-than'] ?? '0')
  const keepNewest = Number(inputs['keep-newest'] ?? 0)
  const images = [...new Set(matching.map(([, { digest }]) => digest))]
  const dated = images
    .filter((digest) => days.get(digest) !== null)
    .sort((one, other) => (days.get(one) ?? 0) - (days.get(other) ?? 0) || (one < other ? -1 : 1))
  const asks = olderThan > 0 || keepNewest > 0
  const going = new Set(
    asks
      ? dated.slice(keepNewest).filter((digest) => olderThan === 0 || (days.get(digest) ?? 0) > olderThan)
      : images,
  )
  return new Set(
    matching.flatMap(([tag, { digest }]) =>
      going.has(digest) && tag !== inputs['protected-tags'] ? [tag] : [],
    ),
  )
}

const contentOf = (image: Image): { manifests: string[]; blobs: string[] } => {
  const below = image.children.map(contentOf)
  return {
    manifests: [image.digest, ...below.flatMap(({ manifests }) => manifests)],
    blobs: [
      ...(image.config === undefined ? [] : [image.config.digest]),
      ...image.layers.map(({ digest }) => digest),
      ...below.flatMap(({ blobs }) => blobs),
    ],
  }
}

const pulls = (store: MemoryStore, image: Image): boolean => {
  const { manifests, blobs } = contentOf(image)
  return (
    manifests.every((digest) => store.hasManifest(REPO, digest)) &&
    blobs.every((digest) => store.hasBlob(REPO, digest))
  )
}

function check(
  world: World,
  inputs: Record<string, string>,
  { store }: MemoryRegistry,
  run: EngineRun,
): void {
  const wanted = selectedBy(world, inputs)
  const { gone, labels } = chosen(run)
  const byName = (tag: string): boolean => tag.startsWith('sha256-')
  expect([...gone.filter((tag) => !byName(tag)), ...labels].sort()).toEqual([...wanted].sort())
  expect(run.result).toBe(wanted.size === 0 ? 'nothing-to-do' : 'purged')
  const purged = new Set([...gone, ...labels])
  for (const [tag, image] of world.tags) {
    if (purged.has(tag)) expect([tag, store.resolve(REPO, tag)]).toEqual([tag, undefined])
    else {
      expect([tag, store.resolve(REPO, tag)]).toEqual([tag, image.digest])
      expect([tag, pulls(store, image)]).toEqual([tag, true])
    }
  }
  for (const tag of labels) {
    const image = world.tags.get(tag)
    if (image !== undefined) expect([tag, pulls(store, image)]).toEqual([tag, true])
  }
  // A signature goes with its image, and never without.
  for (const tag of world.tags.keys())
    if (byName(tag) && purged.has(tag))
      expect(store.hasManifest(REPO, tag.replace('-', ':').replace('.sig', ''))).toBe(false)
  // An image of which nothing is needed goes whole.
  for (const tag of gone) {
    const image = world.tags.get(tag)
    if (image !== undefined) expect([tag, store.hasManifest(REPO, image.digest)]).toEqual([tag, false])
  }
  const proven = run.report.repositories.flatMap(({ manifests, blobs }) => [...manifests, ...blobs])
  for (const { digest, verdict } of proven) {
    expect(verdict).toBe('gone')
    expect(store.hasManifest(REPO, digest) || store.hasBlob(REPO, digest)).toBe(false)
  }
}

test.each(['3.1', '2.8'] as const)(
  '%s: nothing that stays is harmed, and all that is selected goes',
  async (dialect) => {
    const traits = { purged: 0, labels: 0, idle: 0, derived: 0, kept: 0 }
    for (let at = 0; at < RUNS; at++) {
      const seed = SEED * 100_000 + at
      const random = new SeededRandom(seed)
      const world = makeWorld(random)
      const inputs = makeInputs(random, world)
      const registry = await startMemoryRegistry({
        dialect,
        referrers: random.chance(0.5) && dialect === '3.1',
      })
      try {
        for (const [tag, image] of world.tags) pushImage(registry.store, REPO, image, tag)
        const run = await clean(registry, { 'verify-attempts': '1', 'verify-interval': '0s', ...inputs })
        try {
          expect(run.problems).toBe('')
          check(world, inputs, registry, run)
        } catch (error) {
          throw new Error(`seed ${seed}, ${JSON.stringify(inputs)}\n${run.log.join('\n')}`, { cause: error })
        }
        const { gone, labels, kept } = chosen(run)
        if (gone.length > 0) traits.purged++
        if (labels.length > 0) traits.labels++
        if (gone.length + labels.length === 0) traits.idle++
        if (gone.some((tag) => tag.startsWith('sha256-'))) traits.derived++
        if (kept.length > 0) traits.kept++
      } finally {
        await registry.stop()
      }
    }
    console.log(`${RUNS} made-up repositories: ${JSON.stringify(traits)}`)
    for (const [trait, times] of Object.entries(traits))
      expect([trait, times > RUNS / 40]).toEqual([trait, true])
  },
)
