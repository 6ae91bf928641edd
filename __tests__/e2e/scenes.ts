import { layer, ociImage, type ImageManifest } from '../../scripts/lib/image.js'
import type { Scene } from '../../scripts/lib/scene.js'

/** A layer of one file, whose bytes depend on its name only. */
export const layerOf = (name: string) => layer({ [`srv/${name}`]: `content of ${name}\n` })

/** An OCI image of such layers. Its config depends on them, too. */
export const imageOf = (...names: string[]): ImageManifest => ociImage({ layers: names.map(layerOf) })

/** The tags of the reference scene that stay. */
export const others = ({ tags, leak }: Scene): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([tag]) => tag !== leak.tag))

/** Everything that hangs on a manifest: itself, its children at every depth, and their blobs. */
export function treeOf(root: ImageManifest): { manifests: string[]; blobs: string[] } {
  const below = root.manifests.map(treeOf)
  return {
    manifests: [...new Set([root.digest, ...below.flatMap(({ manifests }) => manifests)])],
    blobs: [...new Set([...root.blobs.map(({ digest }) => digest), ...below.flatMap(({ blobs }) => blobs)])],
  }
}
