import { parseManifest, type Manifest } from '../../../../src/oci/manifest.js'
import { matches, type Digest } from '../../../../src/oci/digest.js'
import { parseTag, type Tag } from '../../../../src/oci/tag.js'
import type { Deletion, Facts, Missing, Survey, TagState } from '../../../../src/survey/facts.js'
import type { UnreadReferrers } from '../../../../src/survey/problem.js'
import { BROKE } from '../../pieces.js'
import { TWINS } from './write.js'
import { partsOf, type Purge, type Question, type Stored, type World } from './world.js'

/** What a look at a world found, as the engine gets it, and as the oracle may use it. */
export interface Seen {
  readonly facts: Facts
  /** Every manifest that came, by its bytes. */
  readonly read: ReadonlyMap<Digest, Stored>
  /** What refers to what, as far as the look could see. */
  readonly referrers: ReadonlyMap<Digest, ReadonlySet<Digest>>
  /** The other digests of the same bytes. */
  readonly twins: ReadonlyMap<Digest, ReadonlySet<Digest>>
}

/**
 * Looks at a world as a survey does: every tag, every named manifest, their children, and the referrers where there is
 * an API for them.
 *
 * @param asked further tags that are asked for by name
 * @param known what an earlier look read: it stays known, whatever became of it
 */
export function look({ world, target }: Purge, asked: readonly Tag[], known?: Seen): Seen {
  const read = new Map(known?.read)
  const missing = new Map<Digest, Missing>()
  const unclear = new Map<Digest, UnreadReferrers>()
  const visited = new Set<Digest>()
  const visit = (digest: Digest): void => {
    if (visited.has(digest)) return
    visited.add(digest)
    const stored = read.get(digest) ?? world.stored.get(digest)
    if (stored === undefined || (stored.answers === 'absent' && !read.has(digest)))
      missing.set(digest, { is: 'missing' })
    else if (stored.answers !== 'whole' && !read.has(digest))
      missing.set(digest, { is: stored.answers as 'unreadable' | 'lie', why: BROKE })
    else {
      read.set(digest, stored)
      partsOf(stored).children.forEach(visit)
      if (stored.twin !== undefined) visit(stored.twin)
      if (!world.referrersApi) return
      if (world.unclear.has(digest)) unclear.set(digest, BROKE)
      else apiList(world, digest).forEach(visit)
    }
  }
  const listed = [...world.tags].flatMap(([tag, { listed }]) => (listed ? [tag] : []))
  const named = target.tags.map(({ tag }) => tag)
  const tags = new Map<Tag, TagState>()
  for (const tag of new Set([...listed, ...named, ...asked])) tags.set(tag, stateOf(world, tag))
  for (const state of tags.values()) if (state.is === 'resolved') visit(state.digest)
  for (const digest of [...target.digests, ...target.tags.flatMap(({ digest }) => digest ?? [])])
    visit(digest)

  const referrers = new Map<Digest, Set<Digest>>()
  const twins = new Map<Digest, Set<Digest>>()
  for (const stored of read.values()) {
    const { subject, blobs, written } = partsOf(stored)
    if (subject !== undefined) add(referrers, subject, stored.digest)
    if (stored.twin !== undefined) add(twins, stored.digest, stored.twin)
    for (const blob of [...blobs, ...written]) {
      const twin = TWINS.get(blob)
      if (twin === undefined) continue
      add(twins, blob, twin)
      add(twins, twin, blob)
    }
    if (!world.referrersApi || world.unclear.has(stored.digest)) continue
    // The API lists what refers to a manifest, also where that itself cannot be read, or refers to something else.
    for (const each of apiList(world, stored.digest))
      if (missing.get(each)?.is !== 'missing') add(referrers, stored.digest, each)
  }
  const facts: Facts = {
    repository: world.repository,
    listed,
    tags,
    manifests: new Map([...read.values()].map((stored) => [stored.digest, parse(stored)])),
    missing,
    referrers: lists(referrers),
    referrersUnclear: unclear,
    twins: lists(twins),
  }
  return { facts, read, referrers, twins }
}

/** What the registry's own referrers API goes by: the subject, and its mistakes. */
function apiList({ stored, lies }: World, subject: Digest): Digest[] {
  const right = [...stored.values()].filter((each) => partsOf(each).subject === subject)
  return [...new Set([...right.map(({ digest }) => digest), ...(lies.get(subject) ?? [])])]
}

function add(map: Map<Digest, Set<Digest>>, key: Digest, value: Digest): void {
  map.set(key, (map.get(key) ?? new Set()).add(value))
}

function lists(map: ReadonlyMap<Digest, ReadonlySet<Digest>>): Map<Digest, Digest[]> {
  return new Map([...map].map(([key, set]) => [key, [...set]]))
}

/** @returns the facts with the probe's answers. */
export function surveyOf(facts: Facts, { deletion, twinsUnclear }: Question): Survey {
  const answer: Deletion =
    deletion === 'on'
      ? { is: 'on' }
      : deletion === 'off'
        ? { is: 'off', answered: '405', readOnly: false }
        : { is: deletion, answered: '403', means: 'unclear' }
  return { ...facts, manifestDeletion: { is: 'on' }, blobDeletion: answer, twinsUnclear }
}

/** The plain names among globs: a survey asks for them whether they are listed or not. */
export function plainNames(globs: readonly string[]): Tag[] {
  return globs.flatMap((glob) => parseTag(glob) ?? [])
}

function stateOf(world: World, tag: Tag): TagState {
  const pointer = world.tags.get(tag)
  const answers = pointer === undefined ? 'absent' : (world.stored.get(pointer.at)?.answers ?? 'absent')
  if (pointer === undefined || answers === 'absent') return { is: 'unknown' }
  return answers === 'whole' ? { is: 'resolved', digest: pointer.at } : { is: answers, why: BROKE }
}

const parsed = new WeakMap<Stored, Manifest>()

function parse(stored: Stored): Manifest {
  const manifest = parsed.get(stored) ?? parseAnew(stored)
  parsed.set(stored, manifest)
  return manifest
}

function parseAnew({ body, contentType, digest }: Stored): Manifest {
  const bytes = Buffer.from(body)
  if (!matches(digest, bytes)) throw new Error('the world holds a manifest under a wrong digest')
  const manifest = parseManifest(bytes, contentType, digest)
  if ('unusable' in manifest) throw new Error(`a made-up manifest is ${manifest.unusable.is}`)
  return manifest
}
