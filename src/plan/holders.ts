import type { Digest } from '../oci/digest.js'
import { reach, type Graph } from '../oci/graph.js'
import type { Tag } from '../oci/tag.js'
import { compare } from './order.js'

/** Tags and the manifest each points at. */
export type Pointers = ReadonlyMap<Tag, Digest>

/** A tag of which only the label goes. */
export interface Label {
  readonly tag: Tag
  readonly digest: Digest
}

/** @returns the tags of which only the label goes */
export function labelsOf(
  tags: readonly { readonly tag: Tag; readonly digest?: Digest; readonly onlyLabel?: string }[],
): Label[] {
  return tags.flatMap(({ tag, digest, onlyLabel }) =>
    onlyLabel === undefined || digest === undefined ? [] : [{ tag, digest }],
  )
}

/**
 * What remaining tags need: children at any depth, their referrers, configs, layers, and every digest that is written
 * in a manifest of unknown kind (safety rule 2).
 */
export class Holders {
  readonly #held = new Set<Digest>()
  readonly #walked = new Set<Digest>()
  readonly #tagsOn = new Map<Digest, Tag[]>()
  readonly #graph: Graph

  /**
   * @param pointers the tags that stay
   * @param graph what was read
   * @param named manifests that were named to go: that one of them refers to a remaining image does not hold it
   * @param labels what these pointed at stays, too
   */
  constructor(pointers: Pointers, graph: Graph, named: ReadonlySet<Digest>, labels: readonly Label[] = []) {
    const isNamed = (digest: Digest): boolean =>
      named.has(digest) || (graph.twins.get(digest) ?? []).some((twin) => named.has(twin))
    const referrers = new Map(
      [...graph.referrers].map(([subject, list]) => [subject, list.filter((digest) => !isNamed(digest))]),
    )
    this.#graph = { manifests: graph.manifests, twins: graph.twins, referrers }
    for (const [tag, digest] of pointers) this.#point(tag, digest)
    for (const { tag, digest } of labels) if (pointers.get(tag) !== digest) this.#point(tag, digest)
    this.#hold(this.#tagsOn.keys())
  }

  /** Everything that some tag needs. */
  get held(): ReadonlySet<Digest> {
    return this.#held
  }

  /** Takes in one more tag that stays. */
  add(tag: Tag, digest: Digest): void {
    this.#point(tag, digest)
    if (!this.#walked.has(digest)) this.#hold([digest])
  }

  #point(tag: Tag, digest: Digest): void {
    const tags = this.#tagsOn.get(digest)
    if (tags === undefined) this.#tagsOn.set(digest, [tag])
    else tags.push(tag)
  }

  #hold(roots: Iterable<Digest>): void {
    const { manifests, blobs } = this.needs(roots)
    for (const digest of manifests) this.#held.add(digest)
    for (const digest of manifests) this.#walked.add(digest)
    for (const digest of blobs) this.#held.add(digest)
  }

  /** Everything that these manifests need. */
  needs(roots: Iterable<Digest>): ReturnType<typeof reach> {
    return reach(roots, this.#graph, true)
  }

  /** The tags that point straight at a manifest. */
  on(digest: Digest): readonly Tag[] {
    return [...(this.#tagsOn.get(digest) ?? [])].sort(compare)
  }

  /**
   * The tags that need each of these digests, sorted. Walks each distinct root once: called only where something is
   * held, which is rare beside the number of tags.
   */
  of(digests: ReadonlySet<Digest>): Map<Digest, Tag[]> {
    const holders = new Map<Digest, Tag[]>([...digests].map((digest) => [digest, []]))
    if (digests.size === 0) return holders
    for (const [root, tags] of this.#tagsOn) {
      const { manifests, blobs } = this.needs([root])
      for (const digest of manifests) collect(holders.get(digest), tags)
      for (const digest of blobs) if (!manifests.has(digest)) collect(holders.get(digest), tags)
    }
    for (const tags of holders.values()) tags.sort(compare)
    return holders
  }

  /** The tags whose graph holds one of these manifests. */
  over(manifests: ReadonlySet<Digest>): Tag[] {
    if (manifests.size === 0) return []
    const tags: Tag[] = []
    for (const [root, on] of this.#tagsOn) {
      if ([...this.needs([root]).manifests].some((digest) => manifests.has(digest))) collect(tags, on)
    }
    return tags.sort(compare)
  }
}

/** Not by spreading: a manifest can have more tags than a call takes arguments. */
function collect(into: Tag[] | undefined, tags: readonly Tag[]): void {
  for (const tag of tags) into?.push(tag)
}
