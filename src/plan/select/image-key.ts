import { EMPTY_BLOBS, type Digest } from '../../oci/digest.js'
import type { Manifest } from '../../oci/manifest.js'
import { isImageConfig } from '../../oci/mediatype.js'
import type { Facts } from '../../survey/facts.js'

/**
 * Returns the key of an image: manifests with the same key are the same image. The config of an image identifies it, since it
 * names the layers. Artifacts, such as the versions of a Helm chart, may share a config, so their key includes their layers.
 *
 * @param config the digest of the config; a digest of the same bytes by another algorithm gives a key of the same image
 * @returns undefined if the manifest has no config
 */
export function imageKeyOf(manifest: Manifest, config = manifest.config?.digest): string | undefined {
  if (manifest.config === undefined || config === undefined) return undefined
  if (isImageConfig(manifest.config.mediaType)) return config
  const layers = manifest.blobs
    .map(({ digest }) => digest)
    .filter((digest) => digest !== manifest.config?.digest)
  return [config, ...layers.sort()].join(' ')
}

/**
 * Returns the keys of an image. Another manifest with one of these keys is the same image.
 *
 * @param manifests the manifests of the image
 * @param whole these manifests, and everything attached to them
 */
export function imageKeysOf(
  manifests: Iterable<Digest>,
  facts: Pick<Facts, 'manifests' | 'twins'>,
  whole: ReadonlySet<Digest>,
): Set<string> {
  const keys = new Set<string>()
  for (const digest of manifests) {
    const manifest = facts.manifests.get(digest)
    // The config of a signature does not identify the image.
    if (manifest?.subject !== undefined && whole.has(manifest.subject)) continue
    const config = manifest?.config?.digest
    if (manifest === undefined || config === undefined) continue
    const same = [config, ...(facts.twins.get(config) ?? [])]
    if (same.some((each) => EMPTY_BLOBS.has(each))) continue
    for (const each of same) keys.add(imageKeyOf(manifest, each) ?? each)
  }
  return keys
}
