import type { Digest } from '../oci/digest.js'
import type { Graph } from '../oci/graph.js'
import { keyOf, subjectKey, type Tag } from '../oci/tag.js'
import { Holders, type Label, type Pointers } from './holders.js'
import { compare } from './order.js'

/** What was named, with everything that hangs on it, and what holds parts of it. */
export interface Attached {
  /** Tags that belong to the image and go with it, with the manifests to which they belong. */
  readonly tags: ReadonlyMap<Tag, ReadonlySet<Digest>>
  /** Tags that belong to something that goes as well, but serve something that stays: so they stay. */
  readonly staying: readonly Tag[]
  /** Every manifest of the named images and of what is attached to them. */
  readonly manifests: ReadonlySet<Digest>
  readonly blobs: ReadonlySet<Digest>
  /** What is attached, with what it is attached to: it goes first. */
  readonly subjects: ReadonlyMap<Digest, ReadonlySet<Digest>>
  readonly holders: Holders
}

/** More than this many steps from one tag to the next are nobody's signatures. */
const STEPS = 1000

/**
 * Finds what belongs to the named images: manifests that refer to one of theirs (`subject`), to any depth, and tags that
 * belong to one of theirs by name (`sha256-<hex>`, `.sig`, `.att`, `.sbom`) or point at such a referrer.
 *
 * Only what goes takes along what is attached to it: a child that another tag needs keeps its signatures. A referrers
 * index or tag that serves anything else as well stays, with all it needs. A registry's word alone does not make a
 * manifest a referrer: its own `subject`, which is hashed, has to say so.
 *
 * @param roots manifests that were named
 * @param pointers every tag that was not named and resolves
 * @param graph what was read
 * @param named what was named: that it refers to a remaining image does not hold it
 * @param guarded tags that stay whatever they belong to
 * @param strange what does not belong to anything, although it refers to it
 * @param labels tags of which only the label goes: what they point at is held, whether or not they still point there
 */
export function attach(
  roots: ReadonlySet<Digest>,
  pointers: Pointers,
  graph: Graph,
  named: ReadonlySet<Digest>,
  guarded: ReadonlySet<Tag>,
  strange: ReadonlySet<Digest> = new Set(),
  labels: readonly Label[] = [],
): Attached {
  const candidates = new Candidates(pointers, graph, strange)
  const belonging = candidates.grow(roots, new Set()).tags
  const open = new Map([...belonging].filter(([tag]) => !guarded.has(tag)))
  const named512 = longKeys(graph)
  const sure = new Map([...pointers].filter(([tag]) => !open.has(tag)))
  const holders = new Holders(sure, graph, named, labels)
  const staying: Tag[] = [...belonging.keys()].filter((tag) => guarded.has(tag))
  const keep = (tag: Tag): void => {
    const root = pointers.get(tag)
    open.delete(tag)
    staying.push(tag)
    if (root !== undefined) holders.add(tag, root)
  }
  for (let step = 0; ; step++) {
    const before = open.size
    for (const [tag, subjects] of open) {
      const root = pointers.get(tag)
      const all = new Set([...subjects, ...subjectsByName(tag, named512)])
      if (root === undefined || step >= STEPS || serves(root, all, graph, holders.held)) keep(tag)
    }
    const { tags } = candidates.grow(roots, holders.held)
    for (const tag of [...open.keys()]) if (!tags.has(tag)) keep(tag)
    if (open.size === before) break
  }
  const { manifests, blobs, subjects } = candidates.grow(roots, holders.held)
  const loses = (tag: Tag): boolean =>
    [...(belonging.get(tag) ?? [])].some((subject) => !holders.held.has(subject))
  return { tags: open, staying: staying.filter(loses).sort(compare), manifests, blobs, subjects, holders }
}

/** The manifests to which a tag belongs by its name, whether or not they were read. */
function subjectsByName(tag: Tag, long: ReadonlyMap<string, ReadonlySet<Digest>>): Iterable<Digest> {
  const key = subjectKey(tag)
  if (key === undefined) return []
  return long.get(key) ?? [key.replace('-', ':') as Digest]
}

/** sha512 digests are longer than their keys, so only those that are known can be found by one. */
function longKeys({ manifests }: Graph): ReadonlyMap<string, ReadonlySet<Digest>> {
  const keys = new Map<string, Set<Digest>>()
  for (const digest of manifests.keys()) if (digest.startsWith('sha512:')) push(keys, keyOf(digest), digest)
  return keys
}

/** Whether what a tag points at serves something that stays. */
function serves(
  root: Digest,
  subjects: ReadonlySet<Digest>,
  graph: Graph,
  held: ReadonlySet<Digest>,
): boolean {
  if (held.has(root) || [...subjects].some((subject) => held.has(subject))) return true
  const below = new Set([root])
  for (const digest of below) {
    const manifest = graph.manifests.get(digest)
    if (manifest?.subject !== undefined && held.has(manifest.subject)) return true
    for (const child of manifest?.children ?? []) below.add(child.digest)
  }
  return false
}

interface Grown {
  readonly tags: Map<Tag, Set<Digest>>
  readonly manifests: Set<Digest>
  readonly blobs: Set<Digest>
  readonly subjects: Map<Digest, Set<Digest>>
}

/** Tags by what they might belong to. */
class Candidates {
  readonly #pointers: Pointers
  readonly #graph: Graph
  readonly #strange: ReadonlySet<Digest>
  readonly #byKey = new Map<string, Set<Tag>>()
  readonly #onReferrer = new Map<Digest, Set<Tag>>()

  constructor(pointers: Pointers, graph: Graph, strange: ReadonlySet<Digest>) {
    this.#pointers = pointers
    this.#graph = graph
    this.#strange = strange
    for (const [tag, digest] of pointers) {
      const key = subjectKey(tag)
      if (key !== undefined) push(this.#byKey, key, tag)
      if (graph.manifests.get(digest)?.subject !== undefined) push(this.#onReferrer, digest, tag)
    }
  }

  /** Walks from the roots to everything below them and attached to them, but from what is held only down. */
  grow(roots: Iterable<Digest>, held: ReadonlySet<Digest>): Grown {
    const { manifests: known, referrers, twins } = this.#graph
    const manifests = new Set<Digest>(roots)
    const blobs = new Set<Digest>()
    const tags = new Map<Tag, Set<Digest>>()
    const subjects = new Map<Digest, Set<Digest>>()
    const belong = (tag: Tag, subject: Digest): void => {
      const root = this.#pointers.get(tag)
      if (root === undefined) return
      push(tags, tag, subject)
      if (root !== subject) push(subjects, root, subject)
      manifests.add(root)
    }
    // A Set hands out entries that are added while it is walked.
    for (const digest of manifests) {
      const manifest = known.get(digest)
      const same = twins.get(digest) ?? []
      for (const twin of same) manifests.add(twin)
      for (const child of manifest?.children ?? []) manifests.add(child.digest)
      for (const { digest: blob } of manifest?.blobs ?? []) {
        blobs.add(blob)
        for (const twin of twins.get(blob) ?? []) blobs.add(twin)
      }
      for (const written of manifest?.written ?? []) {
        if (known.has(written)) manifests.add(written)
        else for (const each of [written, ...(twins.get(written) ?? [])]) blobs.add(each)
      }
      if (held.has(digest)) continue
      for (const referrer of referrers.get(digest) ?? []) {
        if (this.#strange.has(referrer)) continue
        const subject = known.get(referrer)?.subject
        if (subject !== digest && !same.some((twin) => twin === subject)) continue
        push(subjects, referrer, digest)
        manifests.add(referrer)
        this.#onReferrer.get(referrer)?.forEach((tag) => belong(tag, digest))
      }
      this.#byKey.get(keyOf(digest))?.forEach((tag) => belong(tag, digest))
    }
    return { tags, manifests, blobs, subjects }
  }
}

function push<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}
