import { EMPTY_BLOBS, type Digest } from '../../oci/digest.js'
import type { Facts } from '../../survey/facts.js'

/**
 * Returns the configs of an image. Another manifest with one of these configs is the same image.
 *
 * @param manifests the manifests of the image
 * @param whole these manifests, and everything attached to them
 */
export function configsOf(
  manifests: Iterable<Digest>,
  facts: Pick<Facts, 'manifests' | 'twins'>,
  whole: ReadonlySet<Digest>,
): Set<Digest> {
  const configs = new Set<Digest>()
  for (const digest of manifests) {
    const manifest = facts.manifests.get(digest)
    // The config of a signature does not identify the image.
    if (manifest?.subject !== undefined && whole.has(manifest.subject)) continue
    const config = manifest?.config?.digest
    const same = config === undefined ? [] : [config, ...(facts.twins.get(config) ?? [])]
    if (!same.some((each) => EMPTY_BLOBS.has(each))) for (const each of same) configs.add(each)
  }
  return configs
}
