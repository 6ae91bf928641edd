import type { Digest } from '../oci/digest.js'
import { reach, type Graph, type Reach } from '../oci/graph.js'
import type { Tag } from '../oci/tag.js'
import { appendTo } from './multimap.js'
import { compare } from './order.js'
import type { PlannedTag } from './plan.js'

/** Tags, and the manifest that each points to. */
export type Pointers = ReadonlyMap<Tag, Digest>

/** A tag that loses only its label. */
export interface Label {
  readonly tag: Tag
  readonly digest: Digest
}

/** @returns the tags that resolve and lose only their label */
export function labelsOf(tags: readonly Pick<PlannedTag, 'tag' | 'digest' | 'onlyLabel'>[]): Label[] {
  return tags.flatMap(({ tag, digest, onlyLabel }) =>
    onlyLabel === undefined || digest === undefined ? [] : [{ tag, digest }],
  )
}

/**
 * Finds the content that remaining tags need: children at any depth, their referrers, configs, layers, and every digest
 * that is written in a manifest of unknown kind (safety rule 2). Such content is held.
 */
export class Holders {
  readonly #held = new Set<Digest>()
  readonly #walked = new Set<Digest>()
  readonly #tagsOn = new Map<Digest, Tag[]>()
  readonly #graph: Graph

  /**
   * @param pointers the remaining tags
   * @param graph the manifests that were read
   * @param named manifests that were named. A remaining image does not hold a named manifest that refers to it
   * @param labels tags that lose only their label. The manifests that they pointed to are held as well
   */
  constructor(pointers: Pointers, graph: Graph, named: ReadonlySet<Digest>, labels: readonly Label[] = []) {
    const isNamed = (digest: Digest): boolean =>
      named.has(digest) || (graph.twins.get(digest) ?? []).some((twin) => named.has(twin))
    const referrers = new Map(
      [...graph.referrers].map(([subject, list]) => [subject, list.filter((digest) => !isNamed(digest))]),
    )
    this.#graph = { manifests: graph.manifests, twins: graph.twins, referrers }
    for (const [tag, digest] of pointers) appendTo(this.#tagsOn, digest, tag)
    for (const { tag, digest } of labels)
      if (pointers.get(tag) !== digest) appendTo(this.#tagsOn, digest, tag)
    this.#hold(this.#tagsOn.keys())
  }

  /** Every digest that at least one tag needs. */
  get held(): ReadonlySet<Digest> {
    return this.#held
  }

  /** Adds another remaining tag. */
  add(tag: Tag, digest: Digest): void {
    appendTo(this.#tagsOn, digest, tag)
    if (!this.#walked.has(digest)) this.#hold([digest])
  }

  #hold(roots: Iterable<Digest>): void {
    const { manifests, blobs } = this.needs(roots)
    for (const digest of manifests) this.#held.add(digest)
    for (const digest of manifests) this.#walked.add(digest)
    for (const digest of blobs) this.#held.add(digest)
  }

  /** The content that these manifests need. */
  needs(roots: Iterable<Digest>): Reach {
    return reach(roots, this.#graph, true)
  }

  /** The tags that point to a manifest, sorted. */
  on(digest: Digest): readonly Tag[] {
    return [...(this.#tagsOn.get(digest) ?? [])].sort(compare)
  }

  /** The tags that need each of these digests, sorted. Walks the graph of every tag: call it for held digests only. */
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

  /** The tags whose graph contains one of these manifests, sorted. */
  over(manifests: ReadonlySet<Digest>): Tag[] {
    if (manifests.size === 0) return []
    const tags: Tag[] = []
    for (const [root, on] of this.#tagsOn) {
      if ([...this.needs([root]).manifests].some((digest) => manifests.has(digest))) collect(tags, on)
    }
    return tags.sort(compare)
  }
}

/** Does not spread the list: a manifest can have more tags than a call takes arguments. */
function collect(into: Tag[] | undefined, tags: readonly Tag[]): void {
  for (const tag of tags) into?.push(tag)
}
