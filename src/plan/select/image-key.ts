import { EMPTY_BLOBS, type Digest } from '../../oci/digest.js'
import type { Manifest } from '../../oci/manifest.js'
import { isImageConfig } from '../../oci/mediatype.js'
import type { Facts } from '../../survey/facts.js'

/**
 * Returns the keys under which a manifest is looked up: manifests are the same image if a key of one is among the image keys
 * of the other.
 *
 * The config of an image identifies it, since it names the layers. Artifacts, such as the versions of a Helm chart, may
 * share a config, so two of them are the same only if their layers are the same, too. An artifact with the config of an
 * image is the same as that image: its media type alone proves nothing.
 */
export function lookupKeysOf(manifest: Manifest): readonly string[] {
  const config = manifest.config?.digest
  if (config === undefined) return []
  return isImage(manifest) ? [config, anyArtifact(config)] : [config, artifact(manifest, config)]
}

/**
 * Returns the keys of an image. Another manifest with one of these lookup keys is the same image.
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
    for (const each of same)
      for (const key of isImage(manifest) ? [each] : [artifact(manifest, each), anyArtifact(each)])
        keys.add(key)
  }
  return keys
}

function isImage({ config }: Manifest): boolean {
  return config !== undefined && isImageConfig(config.mediaType)
}

/** The key of the artifacts with this config and the layers of a manifest. */
function artifact({ config, blobs }: Manifest, digest: Digest): string {
  const layers = blobs.map((blob) => blob.digest).filter((each) => each !== config?.digest)
  return [digest, ...layers.sort()].join(' ')
}

/** The key of all artifacts with this config. Only images are looked up under it. */
function anyArtifact(config: Digest): string {
  return `artifact ${config}`
}
