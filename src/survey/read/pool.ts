import type { Digest } from '../../oci/digest.js'
import type { Descriptor, Manifest } from '../../oci/manifest.js'
import type { TagState } from '../facts.js'

/**
 * Keeps one copy of equal values, to save memory: in a repository of a hundred thousand tags many manifests and layers
 * are the same.
 */
export class Pool {
  readonly #manifests = new Map<Digest, { readonly type: string; readonly manifest: Manifest }>()
  readonly #descriptors = new Map<Digest, Descriptor>()
  readonly #resolved = new Map<Digest, TagState>()

  /** @returns the manifest of this digest, if it was parsed before under the same media type */
  manifest(digest: Digest, type: string): Manifest | undefined {
    const known = this.#manifests.get(digest)
    return known?.type === type ? known.manifest : undefined
  }

  /** Keeps a manifest. @param type the media type in its response @returns the manifest with shared descriptors */
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

  /** @returns the state of a tag that points to a manifest */
  resolved(digest: Digest): TagState {
    const known = this.#resolved.get(digest)
    if (known !== undefined) return known
    const state: TagState = { is: 'resolved', digest }
    this.#resolved.set(digest, state)
    return state
  }

  /** If two manifests describe the same content differently, each keeps its own descriptor. */
  #descriptor(each: Descriptor): Descriptor {
    const known = this.#descriptors.get(each.digest)
    if (known === undefined) this.#descriptors.set(each.digest, each)
    return known !== undefined && same(known, each) ? known : each
  }
}

function same(one: Descriptor, other: Descriptor): boolean {
  return one.mediaType === other.mediaType && one.size === other.size && one.foreign === other.foreign
}
