import type { Digest } from '../oci/digest.js'
import type { Descriptor, Manifest } from '../oci/manifest.js'
import type { TagState } from './facts.js'

/**
 * Keeps one of what comes again and again: a repository of a hundred thousand tags shows the same manifests over and
 * over, and these the same layers.
 */
export class Pool {
  readonly #manifests = new Map<Digest, { readonly type: string; readonly manifest: Manifest }>()
  readonly #descriptors = new Map<Digest, Descriptor>()
  readonly #resolved = new Map<Digest, TagState>()

  /** @returns what these bytes were parsed to before, under the same media type, if they were */
  manifest(digest: Digest, type: string): Manifest | undefined {
    const known = this.#manifests.get(digest)
    return known?.type === type ? known.manifest : undefined
  }

  /** Keeps a manifest. @param type the media type that it came under @returns it, with shared descriptors */
  keep(manifest: Manifest, type: string): Manifest {
    const pooled: Manifest = {
      ...manifest,
      children: manifest.children.map((each) => this.#descriptor(each)),
      blobs: manifest.blobs.map((each) => this.#descriptor(each)),
      ...(manifest.config !== undefined && { config: this.#descriptor(manifest.config) }),
    }
    this.#manifests.set(manifest.digest, { type, manifest: pooled })
    return pooled
  }

  /** @returns the state of a tag that shows a manifest */
  resolved(digest: Digest): TagState {
    const known = this.#resolved.get(digest)
    if (known !== undefined) return known
    const state: TagState = { is: 'resolved', digest }
    this.#resolved.set(digest, state)
    return state
  }

  /** Two manifests can describe the same content differently: then each keeps its own. */
  #descriptor(each: Descriptor): Descriptor {
    const known = this.#descriptors.get(each.digest)
    if (known === undefined) this.#descriptors.set(each.digest, each)
    return known !== undefined && same(known, each) ? known : each
  }
}

function same(one: Descriptor, other: Descriptor): boolean {
  return one.mediaType === other.mediaType && one.size === other.size && one.foreign === other.foreign
}
