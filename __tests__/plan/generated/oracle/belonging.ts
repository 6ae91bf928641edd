import type { Digest } from '../../../../src/oci/digest.js'
import type { Tag } from '../../../../src/oci/tag.js'
import type { Seen } from '../world/look.js'
import { partsOf, prefixIn, prefixOf, type Parts } from '../world/world.js'

/** Tags and what each points to. */
export type Pointers = ReadonlyMap<Tag, Digest>

/** What was named with all that is attached to it, and what of it goes: by the rules, read one after the other. */
export interface Belonging {
  /** Manifests, whether they go or stay. */
  readonly manifests: ReadonlySet<Digest>
  readonly blobs: ReadonlySet<Digest>
  /** Tags that go since they belong to what goes. */
  readonly tags: ReadonlySet<Tag>
  /** Tags that stay, with what they point to. */
  readonly staying: Pointers
  /** Which of the tags that stay need a digest. */
  readonly holders: ReadonlyMap<Digest, ReadonlySet<Tag>>
  /** What is attached to what. */
  readonly attached: ReadonlyMap<Digest, ReadonlySet<Digest>>
}

/**
 * Starts with the tags that stay whatever they belong to, and adds one after the other every tag that has a reason to
 * stay, until there is none: each time everything is worked out anew.
 *
 * @param roots manifests that were named
 * @param pointers all tags that were not named
 * @param fixed those of them that stay whatever they belong to
 * @param spared what was named: that it refers to something does not make that need it
 * @param strange what does not go along, although it refers to what goes
 */
export function belonging(
  seen: Seen,
  roots: ReadonlySet<Digest>,
  pointers: Pointers,
  fixed: ReadonlySet<Tag>,
  spared: ReadonlySet<Digest>,
  strange: ReadonlySet<Digest> = new Set(),
): Belonging {
  const needs = new Map([...new Set(pointers.values())].map((at) => [at, needsOf(seen, [at], spared).all]))
  let stay = new Set(fixed)
  for (;;) {
    const holders = new Map<Digest, Set<Tag>>()
    for (const tag of stay)
      for (const digest of needs.get(pointers.get(tag) as Digest) ?? []) add(holders, digest, tag)
    const walked = walk(seen, roots, pointers, fixed, holders, strange)
    const next = new Set(
      [...pointers].flatMap(([tag, at]) => {
        const goes = walked.tags.has(tag) && !fixed.has(tag) && !serves(seen, tag, at, holders)
        return goes ? [] : [tag]
      }),
    )
    if (next.size > stay.size) stay = next
    else {
      const staying = new Map([...pointers].filter(([tag]) => stay.has(tag)))
      const tags = new Set([...pointers.keys()].filter((tag) => !stay.has(tag)))
      return { ...walked, tags, staying, holders }
    }
  }
}

/** From the roots to all that is below, and from what goes to all that is attached to it. */
function walk(
  seen: Seen,
  roots: ReadonlySet<Digest>,
  pointers: Pointers,
  fixed: ReadonlySet<Tag>,
  held: ReadonlyMap<Digest, unknown>,
  strange: ReadonlySet<Digest>,
): Pick<Belonging, 'manifests' | 'blobs' | 'tags' | 'attached'> {
  const manifests = new Set<Digest>()
  const blobs = new Set<Digest>()
  const tags = new Set<Tag>()
  const attached = new Map<Digest, Set<Digest>>()
  const open = [...roots]
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (manifests.has(digest)) continue
    manifests.add(digest)
    const parts = partsIn(seen, digest)
    open.push(...twinsOf(seen, digest), ...(parts?.children ?? []))
    for (const blob of parts?.blobs ?? []) for (const each of [blob, ...twinsOf(seen, blob)]) blobs.add(each)
    for (const written of parts?.written ?? [])
      if (seen.read.has(written)) open.push(written)
      else for (const each of [written, ...twinsOf(seen, written)]) blobs.add(each)
    if (held.has(digest)) continue
    for (const [referrer, stored] of seen.read) {
      if (partsOf(stored).subject !== digest || strange.has(referrer)) continue
      add(attached, referrer, digest)
      open.push(referrer)
      for (const [tag, at] of pointers) if (at === referrer && !fixed.has(tag)) tags.add(tag)
    }
    for (const [tag, at] of pointers) {
      if (prefixIn(tag) !== prefixOf(digest)) continue
      if (!fixed.has(tag)) tags.add(tag)
      add(attached, at, digest)
      open.push(at)
    }
  }
  return { manifests, blobs, tags, attached }
}

/** Whether a tag that belongs to what goes serves something that stays as well. */
function serves(seen: Seen, tag: Tag, at: Digest, held: ReadonlyMap<Digest, unknown>): boolean {
  if (held.has(at)) return true
  const prefix = prefixIn(tag)
  if (prefix !== undefined && [...held.keys()].some((digest) => prefixOf(digest) === prefix)) return true
  return [...below(seen, [at])].some((digest) => {
    const subject = partsIn(seen, digest)?.subject
    return subject !== undefined && held.has(subject)
  })
}

/** Some manifests, and their children at any depth. */
export function below(seen: Seen, roots: Iterable<Digest>): Set<Digest> {
  const all = new Set<Digest>()
  const open = [...roots]
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (all.has(digest)) continue
    all.add(digest)
    open.push(...twinsOf(seen, digest), ...(partsIn(seen, digest)?.children ?? []))
  }
  return all
}

/** Everything that some manifests need. */
export interface Needs {
  readonly all: ReadonlySet<Digest>
  /** What of it is needed as a manifest. */
  readonly manifests: ReadonlySet<Digest>
}

/**
 * Everything that manifests need, themselves included: children at any depth, their referrers, configs, layers, and
 * whatever is written in a manifest of unknown kind. A worklist over raw bodies, and nothing else.
 *
 * @param spared referrers that are purged themselves, so that their subject does not need them
 */
export function needsOf(seen: Seen, roots: Iterable<Digest>, spared: ReadonlySet<Digest>): Needs {
  const all = new Set<Digest>()
  const manifests = new Set<Digest>()
  const open = [...roots]
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (manifests.has(digest)) continue
    manifests.add(digest)
    all.add(digest)
    open.push(...twinsOf(seen, digest))
    open.push(...[...(seen.referrers.get(digest) ?? [])].filter((each) => !spared.has(each)))
    const { children, blobs, written } = partsIn(seen, digest) ?? { children: [], blobs: [], written: [] }
    for (const blob of blobs) for (const each of [blob, ...twinsOf(seen, blob)]) all.add(each)
    open.push(...children, ...written)
  }
  return { all, manifests }
}

export function partsIn(seen: Seen, digest: Digest): Parts | undefined {
  const stored = seen.read.get(digest)
  return stored === undefined ? undefined : partsOf(stored)
}

export function twinsOf(seen: Seen, digest: Digest): Iterable<Digest> {
  return seen.twins.get(digest) ?? []
}

export function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  map.set(key, (map.get(key) ?? new Set()).add(value))
}
