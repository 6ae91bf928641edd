import { layerOfFiles } from '../../../testbed/images/content.js'
import { blobDigests, manifestDigests, ociImage, type Image } from '../../../testbed/images/image.js'
import type { Scene } from '../../../testbed/images/scene.js'

/** A layer of one file, whose bytes depend on its name only. */
export const layerOf = (name: string) => layerOfFiles({ [`srv/${name}`]: `content of ${name}\n` })

/** An OCI image of such layers. Its config depends on them, too. */
export const imageOf = (...names: string[]): Image =>
  ociImage(names.join(' '), { layers: names.map(layerOf) })

/** The tags of the reference scene that stay. */
export const others = ({ tags, leak }: Scene): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([tag]) => tag !== leak.tag))

/** Everything that hangs on a manifest: itself, its children at every depth, and their blobs. */
export const treeOf = (root: Image): { manifests: string[]; blobs: string[] } => ({
  manifests: [...new Set(manifestDigests(root))],
  blobs: blobDigests(root),
})
