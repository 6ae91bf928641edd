import type { Digest } from '../../oci/digest.js'
import { reach } from '../../oci/graph.js'
import type { Facts } from '../../survey/facts.js'

/** @returns the bytes of an image with all its manifests, configs and layers. Counts each once, and an unknown size as 0 */
export function sizeOf(root: Digest, facts: Facts): number {
  const counted = new Set<Digest>()
  let bytes = 0
  for (const digest of reach([root], facts, false).manifests) {
    const manifest = facts.manifests.get(digest)
    bytes += manifest?.size ?? 0
    for (const blob of manifest?.blobs ?? []) {
      if (!counted.has(blob.digest)) bytes += blob.size ?? 0
      counted.add(blob.digest)
    }
  }
  return bytes
}
