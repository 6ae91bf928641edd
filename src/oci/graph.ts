import type { Digest } from './digest.js'
import type { Manifest } from './manifest.js'

/** Manifests by digest, and what refers to them. */
export interface Graph {
  readonly manifests: ReadonlyMap<Digest, Manifest>
  readonly referrers: ReadonlyMap<Digest, readonly Digest[]>
  /** Other digests, under another algorithm, of the same bytes: what is served under one is served under all. */
  readonly twins: ReadonlyMap<Digest, readonly Digest[]>
}

/** Everything that hangs on some roots. */
export interface Reach {
  /** Roots and descendants, also those that were never read; breadth first, each once. */
  readonly manifests: ReadonlySet<Digest>
  /** Configs, layers, artifact blobs, and whatever an unknown kind of manifest has written in it. */
  readonly blobs: ReadonlySet<Digest>
}

/**
 * Walks down from roots: children of indexes at any depth, and their blobs.
 *
 * @param roots manifest digests
 * @param graph what was read
 * @param referrers whether to go on to what refers to the manifests, too
 */
export function reach(roots: Iterable<Digest>, graph: Graph, referrers: boolean): Reach {
  const manifests = new Set<Digest>(roots)
  const blobs = new Set<Digest>()
  // A Set hands out entries that are added while it is walked.
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
