import type { Digest } from '../../oci/digest.js'
import { reach } from '../../oci/graph.js'
import type { Facts } from '../../survey/facts.js'

/**
 * @returns the bytes of an image with all its manifests, configs and layers, each counted once; undefined if the size of
 *   one of them is unknown
 */
export function sizeOf(root: Digest, facts: Facts): number | undefined {
  const counted = new Set<Digest>()
  let bytes = 0
  for (const digest of reach([root], facts, false).manifests) {
    const manifest = facts.manifests.get(digest)
    if (manifest === undefined || manifest.written.length > 0) return undefined
    bytes += manifest.size
    for (const blob of manifest.blobs) {
      if (counted.has(blob.digest)) continue
      if (blob.size === undefined) return undefined
      bytes += blob.size
      counted.add(blob.digest)
    }
  }
  return bytes
}
