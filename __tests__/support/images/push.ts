import type { MemoryStore } from '../memory/store.js'
import type { Content } from './content.js'
import type { Image } from './image.js'

/** Puts an image with all it needs into a repository, children first, and points a tag at it. */
export function pushImage(store: MemoryStore, repo: string, pushed: Image, tag?: string): string {
  for (const child of pushed.children) pushImage(store, repo, child)
  for (const { bytes, digest } of blobsOfImage(pushed)) {
    store.putBlob(repo, bytes, digest.startsWith('sha512:') ? 'sha512' : 'sha256')
  }
  return store.putManifest(repo, pushed.mediaType, pushed.bytes, tag, pushed.digest)
}

/** What a push brings along: not the foreign layers. */
const blobsOfImage = ({ config, layers }: Image): Content[] => [
  ...(config === undefined ? [] : [config]),
  ...layers.filter(({ urls }) => urls === undefined),
]

/** Every manifest of an image, itself first. */
export const manifestDigests = (of: Image): string[] => [of.digest, ...of.children.flatMap(manifestDigests)]

/** Every blob that a push of an image and of its children brings along, each once, by the digest written there. */
export const blobDigests = (of: Image): string[] => [
  ...new Set([...blobsOfImage(of).map(({ digest }) => digest), ...of.children.flatMap(blobDigests)]),
]
