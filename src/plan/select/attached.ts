import type { Digest } from '../../oci/digest.js'
import type { Graph } from '../../oci/graph.js'
import { keyOf, subjectKey, type Tag } from '../../oci/tag.js'
import { Holders, type Label, type Pointers } from '../holders.js'
import { addTo } from '../multimap.js'
import { compare } from '../order.js'

/** Images, and the tags and manifests that may be attached to them. */
export interface Images {
  /** The manifests of the images. */
  readonly roots: ReadonlySet<Digest>
  /** Every tag that resolves and was neither named nor selected. */
  readonly pointers: Pointers
  readonly graph: Graph
  /** Digests that were named. A remaining image does not hold a named manifest that refers to it. */
  readonly named: ReadonlySet<Digest>
  /** Tags that are kept even if they are attached to a deleted image. */
  readonly guarded: ReadonlySet<Tag>
  /** Manifests that do not count as attached although they refer to an image. */
  readonly strangers?: ReadonlySet<Digest>
  /** Tags that lose only their label. Their manifests are held, even if the tags no longer point to them. */
  readonly labels?: readonly Label[]
}

/** Images with everything attached to them, and the tags that hold parts of them. */
export interface Attached {
  /** Tags that are attached to the images and deleted with them, each with the manifests that it is attached to. */
  readonly tags: ReadonlyMap<Tag, ReadonlySet<Digest>>
  /** Tags that are attached to deleted content, but kept because they also serve content that is kept. Sorted. */
  readonly staying: readonly Tag[]
  /** Every manifest of the images and of everything attached to them. */
  readonly manifests: ReadonlySet<Digest>
  readonly blobs: ReadonlySet<Digest>
  /** Attached manifests, each with the manifests that it is attached to. It is deleted before them. */
  readonly subjects: ReadonlyMap<Digest, ReadonlySet<Digest>>
  readonly holders: Holders
}

/** The most steps from one tag to the next. No real chain of signatures is that long. */
const STEPS = 1000

/**
 * Finds everything that is attached to images, at any depth: manifests that refer to one of their manifests (`subject`),
 * tags that name one of their manifests (`sha256-<hex>`, `.sig`, `.att`, `.sbom`), and tags that point to such a referrer.
 *
 * Only deleted content loses its attached content: a child that another tag needs keeps its signatures. A referrers
 * index or tag that also serves other content is kept, with everything that it needs. A manifest is a referrer only if
 * its own `subject`, which is hashed, names the manifest. The registry's list alone is not enough.
 */
export function attach(images: Images): Attached {
  const { roots, pointers, graph, named, guarded, labels } = images
  const candidates = new Candidates(images)
  const attached = candidates.grow(roots, new Set()).tags
  const open = new Map([...attached].filter(([tag]) => !guarded.has(tag)))
  const longDigests = digestsByKey(graph)
  const sure = new Map([...pointers].filter(([tag]) => !open.has(tag)))
  const holders = new Holders(sure, graph, named, labels)
  const staying: Tag[] = [...attached.keys()].filter((tag) => guarded.has(tag))
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
      const all = new Set([...subjects, ...subjectsByName(tag, longDigests)])
      if (root === undefined || step >= STEPS || serves(root, all, graph, holders.held)) keep(tag)
    }
    const { tags } = candidates.grow(roots, holders.held)
    for (const tag of [...open.keys()]) if (!tags.has(tag)) keep(tag)
    if (open.size === before) break
  }
  const { manifests, blobs, subjects } = candidates.grow(roots, holders.held)
  const loses = (tag: Tag): boolean =>
    [...(attached.get(tag) ?? [])].some((subject) => !holders.held.has(subject))
  return { tags: open, staying: staying.filter(loses).sort(compare), manifests, blobs, subjects, holders }
}

/** The manifests that a tag is attached to by its name, even if they were not read. */
function subjectsByName(tag: Tag, long: ReadonlyMap<string, ReadonlySet<Digest>>): Iterable<Digest> {
  const key = subjectKey(tag)
  if (key === undefined) return []
  return long.get(key) ?? [key.replace('-', ':') as Digest]
}

/** The sha512 digests that were read, by key. A key is shorter than such a digest, so it may fit several of them. */
function digestsByKey({ manifests }: Graph): ReadonlyMap<string, ReadonlySet<Digest>> {
  const keys = new Map<string, Set<Digest>>()
  for (const digest of manifests.keys()) if (digest.startsWith('sha512:')) addTo(keys, keyOf(digest), digest)
  return keys
}

/** Whether the manifest of a tag serves content that is kept. */
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

/** The tags that may be attached to an image. */
class Candidates {
  readonly #pointers: Pointers
  readonly #graph: Graph
  readonly #strangers: ReadonlySet<Digest>
  readonly #byKey = new Map<string, Set<Tag>>()
  readonly #onReferrer = new Map<Digest, Set<Tag>>()

  constructor({ pointers, graph, strangers = new Set() }: Images) {
    this.#pointers = pointers
    this.#graph = graph
    this.#strangers = strangers
    for (const [tag, digest] of pointers) {
      const key = subjectKey(tag)
      if (key !== undefined) addTo(this.#byKey, key, tag)
      if (graph.manifests.get(digest)?.subject !== undefined) addTo(this.#onReferrer, digest, tag)
    }
  }

  /** Walks from the roots to everything below them and attached to them. From held manifests it walks only down. */
  grow(roots: Iterable<Digest>, held: ReadonlySet<Digest>): Grown {
    const grown: Grown = {
      tags: new Map(),
      manifests: new Set(roots),
      blobs: new Set(),
      subjects: new Map(),
    }
    // A Set hands out entries that are added while it is walked.
    for (const digest of grown.manifests) {
      this.#walkDown(digest, grown)
      if (held.has(digest)) continue
      for (const referrer of this.#referrersOf(digest)) {
        addTo(grown.subjects, referrer, digest)
        grown.manifests.add(referrer)
        this.#onReferrer.get(referrer)?.forEach((tag) => this.#takeTag(tag, digest, grown))
      }
      this.#byKey.get(keyOf(digest))?.forEach((tag) => this.#takeTag(tag, digest, grown))
    }
    return grown
  }

  #walkDown(digest: Digest, { manifests, blobs }: Grown): void {
    const { manifests: known, twins } = this.#graph
    const manifest = known.get(digest)
    const addBlob = (blob: Digest): void => {
      for (const each of [blob, ...(twins.get(blob) ?? [])]) blobs.add(each)
    }
    for (const twin of twins.get(digest) ?? []) manifests.add(twin)
    for (const child of manifest?.children ?? []) manifests.add(child.digest)
    for (const blob of manifest?.blobs ?? []) addBlob(blob.digest)
    for (const written of manifest?.written ?? []) {
      if (known.has(written)) manifests.add(written)
      else addBlob(written)
    }
  }

  /** The manifests whose own `subject` is this one, or a twin of it. */
  #referrersOf(digest: Digest): Digest[] {
    const { manifests, referrers, twins } = this.#graph
    const same = twins.get(digest) ?? []
    return (referrers.get(digest) ?? []).filter((referrer) => {
      const subject = manifests.get(referrer)?.subject
      if (subject === undefined || this.#strangers.has(referrer)) return false
      return subject === digest || same.includes(subject)
    })
  }

  #takeTag(tag: Tag, subject: Digest, { tags, manifests, subjects }: Grown): void {
    const root = this.#pointers.get(tag)
    if (root === undefined) return
    addTo(tags, tag, subject)
    if (root !== subject) addTo(subjects, root, subject)
    manifests.add(root)
  }
}
