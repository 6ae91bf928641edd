import { blobsOf, type Image } from '../../testbed/images/image.js'
import type { MemoryStore } from './memory/store.js'

/** Puts an image with all it needs into a repository, children first, and points a tag at it. */
export function pushImage(store: MemoryStore, repo: string, pushed: Image, tag?: string): string {
  for (const child of pushed.children) pushImage(store, repo, child)
  for (const { bytes, digest } of blobsOf(pushed)) {
    store.putBlob(repo, bytes, digest.startsWith('sha512:') ? 'sha512' : 'sha256')
  }
  return store.putManifest(repo, pushed.mediaType, pushed.bytes, tag, pushed.digest)
}
