import type { Digest } from './digest.js'
import type { Manifest } from './manifest.js'

/** Manifests by digest, and their referrers. */
export interface Graph {
  readonly manifests: ReadonlyMap<Digest, Manifest>
  readonly referrers: ReadonlyMap<Digest, readonly Digest[]>
  /** For each digest, the digests of the same bytes by other algorithms. Content served by one digest is served by all. */
  readonly twins: ReadonlyMap<Digest, readonly Digest[]>
}

/** All content that is reachable from some roots. */
export interface Reach {
  /** Roots and descendants, also those that were never read. Breadth first, each once. */
  readonly manifests: ReadonlySet<Digest>
  /** Configs, layers, artifact blobs, and the digests written in manifests of unknown kind. */
  readonly blobs: ReadonlySet<Digest>
}

/**
 * Finds the content that is reachable from the roots: children of indexes at any depth, and blobs.
 *
 * @param roots manifest digests
 * @param graph the manifests read so far
 * @param referrers whether to include referrers, too
 */
export function reach(roots: Iterable<Digest>, graph: Graph, referrers: boolean): Reach {
  const manifests = new Set<Digest>(roots)
  const blobs = new Set<Digest>()
  // The loop also visits entries that are added to the Set while it runs.
  for (const digest of manifests) {
    const manifest = graph.manifests.get(digest)
    for (const twin of graph.twins.get(digest) ?? []) manifests.add(twin)
    for (const child of manifest?.children ?? []) manifests.add(child.digest)
    for (const { digest: blob } of manifest?.blobs ?? []) {
      blobs.add(blob)
      for (const twin of graph.twins.get(blob) ?? []) blobs.add(twin)
    }
    for (const written of manifest?.written ?? []) {
      if (graph.manifests.has(written)) manifests.add(written)
      else {
        for (const each of [written, ...(graph.twins.get(written) ?? [])]) blobs.add(each)
        if (referrers) for (const referrer of graph.referrers.get(written) ?? []) manifests.add(referrer)
      }
    }
    if (referrers) for (const referrer of graph.referrers.get(digest) ?? []) manifests.add(referrer)
  }
  return { manifests, blobs }
}
