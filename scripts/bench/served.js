import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './scenes.js'

/**
 * What a stopped registry would serve, by the links in its storage: a GET answers for what is linked.
 * @param {string} root the registry's root directory
 * @param {import('./scenes.js').Scene} scene
 * @param {import('./smallest.js').Smallest['gone']} gone
 * @returns {{ stillServed: number, broken: number }} digests and tags
 */
export function served(root, { tags, manifests, going }, gone) {
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
      !going.includes(tag) && !(linked('_manifests', 'tags', tag, 'current') && whole(digest)),
  )
  return {
    stillServed: gone.manifests.filter(manifest).length + gone.blobs.filter(blob).length,
    broken: broken.length,
  }
}
