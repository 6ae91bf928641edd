import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './scenes.js'

/**
 * Counts the digests that a stopped registry would still serve and the tags that are broken, by the links in its storage:
 * a registry serves linked content.
 * @param {string} root the registry's root directory
 * @param {import('./scenes.js').Scene} scene
 * @param {import('./smallest.js').Smallest['gone']} gone
 * @returns {{ stillServed: number, broken: number }} digests and tags
 */
export function served(root, { tags, manifests, deleted }, gone) {
  const folder = join(root, 'docker', 'registry', 'v2', 'repositories', repository)
  const linked = (/** @type {string[]} */ ...path) => existsSync(join(folder, ...path, 'link'))
  const manifest = (/** @type {string} */ digest) => linked('_manifests', 'revisions', ...digest.split(':'))
  const blob = (/** @type {string} */ digest) => linked('_layers', ...digest.split(':'))
  /** @type {(digest: string) => boolean} */
  const whole = (digest) => {
    const { children = [], blobs = [] } = manifests.get(digest) ?? {}
    return manifest(digest) && children.every(whole) && blobs.every(blob)
  }
  const broken = [...tags].filter(
    ([tag, digest]) =>
      !deleted.includes(tag) && !(linked('_manifests', 'tags', tag, 'current') && whole(digest)),
  )
  return {
    stillServed: gone.manifests.filter(manifest).length + gone.blobs.filter(blob).length,
    broken: broken.length,
  }
}
