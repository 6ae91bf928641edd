import { parseManifest, type Manifest } from '../../src/oci/manifest.js'
import { sha256, type Digest } from '../../src/oci/digest.js'
import { parseTag, type Tag } from '../../src/oci/tag.js'
import type { Deletion, Facts, Missing, Survey, TagState } from '../../src/survey/facts.js'
import { partsOf, type Purge, type Question, type Stored, type World } from './world.js'

/** What a look at a world found, as the engine gets it, and as the oracle may use it. */
export interface Seen {
  readonly facts: Facts
  /** Every manifest that came, by its bytes. */
  readonly read: ReadonlyMap<Digest, Stored>
  /** What refers to what, as far as the look could see. */
  readonly referrers: ReadonlyMap<Digest, ReadonlySet<Digest>>
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
  const visit = (digest: Digest): void => {
    if (read.has(digest) || missing.has(digest)) return
    const stored = world.stored.get(digest)
    if (stored === undefined || stored.answers === 'absent') missing.set(digest, { is: 'missing' })
    else if (stored.answers !== 'whole') missing.set(digest, { is: stored.answers, why: 'it broke' })
    else {
      read.set(digest, stored)
      partsOf(stored).children.forEach(visit)
    }
    if (world.referrersApi && read.has(digest))
      for (const each of world.stored.values()) if (writtenSubject(each) === digest) visit(each.digest)
  }
  const listed = [...world.tags].flatMap(([tag, { listed }]) => (listed ? [tag] : []))
  const named = target.tags.map(({ tag }) => tag)
  const tags = new Map<Tag, TagState>()
  for (const tag of new Set([...listed, ...named, ...asked])) tags.set(tag, stateOf(world, tag))
  for (const state of tags.values()) if (state.is === 'resolved') visit(state.digest)
  for (const digest of [...target.digests, ...target.tags.flatMap(({ digest }) => digest ?? [])])
    visit(digest)

  const referrers = new Map<Digest, Set<Digest>>()
  const refer = (stored: Stored, subject: Digest | undefined): void => {
    if (subject !== undefined)
      referrers.set(subject, (referrers.get(subject) ?? new Set()).add(stored.digest))
  }
  for (const stored of read.values())
    refer(stored, world.referrersApi ? writtenSubject(stored) : partsOf(stored).subject)
  // The API lists what refers to a manifest, also where that itself cannot be read.
  for (const stored of world.referrersApi ? world.stored.values() : []) {
    const subject = writtenSubject(stored)
    const broken = (missing.get(stored.digest)?.is ?? 'missing') !== 'missing'
    if (broken && subject !== undefined && read.has(subject)) refer(stored, subject)
  }
  const facts: Facts = {
    repository: world.repository,
    listed,
    tags,
    manifests: new Map([...read.values()].map((stored) => [stored.digest, parse(stored)])),
    missing,
    referrers: new Map([...referrers].map(([subject, list]) => [subject, [...list]])),
    referrersUnclear: [],
  }
  return { facts, read, referrers }
}

/** @returns the facts with the probe's answers. */
export function surveyOf(facts: Facts, { deletion }: Question): Survey {
  const answer: Deletion =
    deletion === 'on'
      ? { is: 'on' }
      : deletion === 'off'
        ? { is: 'off', why: '405', readOnly: false }
        : { is: deletion, why: '403' }
  return { ...facts, manifestDeletion: { is: 'on' }, blobDeletion: answer }
}

/** The plain names among globs: a survey asks for them whether they are listed or not. */
export function plainNames(globs: readonly string[]): Tag[] {
  return globs.flatMap((glob) => parseTag(glob) ?? [])
}

function stateOf(world: World, tag: Tag): TagState {
  const pointer = world.tags.get(tag)
  const answers = pointer === undefined ? 'absent' : (world.stored.get(pointer.at)?.answers ?? 'absent')
  if (pointer === undefined || answers === 'absent') return { is: 'unknown' }
  return answers === 'whole'
    ? { is: 'resolved', digest: pointer.at }
    : { is: answers, why: 'its manifest broke' }
}

const remembered = new WeakMap<Stored, { subject: Digest | undefined }>()

/** What the registry's own referrers API goes by: the subject, whatever the kind. */
function writtenSubject(stored: Stored): Digest | undefined {
  const known = remembered.get(stored)
  if (known !== undefined) return known.subject
  let subject: Digest | undefined
  try {
    subject = JSON.parse(stored.body).subject?.digest
  } catch {
    subject = undefined
  }
  remembered.set(stored, { subject })
  return subject
}

function parse({ body, contentType, digest }: Stored): Manifest {
  const bytes = Buffer.from(body)
  if (sha256(bytes) !== digest) throw new Error('the world holds a manifest under a wrong digest')
  const manifest = parseManifest(bytes, contentType, digest)
  if ('unusable' in manifest) throw new Error(`a made-up manifest is ${manifest.unusable}`)
  return manifest
}
