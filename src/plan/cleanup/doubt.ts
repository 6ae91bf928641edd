import type { Digest } from '../../oci/digest.js'
import { reach } from '../../oci/graph.js'
import { keyOf, subjectKey, type Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'

/** Tells of the images of one repository whether it is known what belongs to them. */
export class Doubts {
  readonly #facts: Facts
  /** Tags that belong to an image by their name, by the key of that. */
  readonly #byKey = new Map<string, Tag[]>()

  constructor(facts: Facts) {
    this.#facts = facts
    for (const tag of facts.tags.keys()) {
      const key = subjectKey(tag)
      if (key === undefined) continue
      const known = this.#byKey.get(key)
      if (known === undefined) this.#byKey.set(key, [tag])
      else known.push(tag)
    }
  }

  /**
   * Looks at an image and at all that is attached to it, by reference or by a tag's name: that would go with it.
   *
   * @returns why it cannot be told what belongs to it, so that it stays; undefined where it can
   */
  about(root: Digest): string | undefined {
    const seen = new Set<Digest>()
    const open = [root]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const digest of reach([next], this.#facts, true).manifests) {
        if (seen.has(digest)) continue
        seen.add(digest)
        const why = this.#unclear(digest, digest === root ? 'it' : digest)
        if (why !== undefined) return why
        for (const tag of this.#byKey.get(keyOf(digest)) ?? []) {
          const state = this.#facts.tags.get(tag)
          if (state?.is === 'resolved') open.push(state.digest)
          else if (state !== undefined && state.is !== 'unknown')
            return `${tag}, which belongs to it by its name, cannot be read: ${state.why}`
        }
      }
    }
    return undefined
  }

  #unclear(digest: Digest, name: string): string | undefined {
    const { manifests, missing: all, referrersUnclear } = this.#facts
    const manifest = manifests.get(digest)
    const missing = all.get(digest)
    if (manifest?.kind === 'schema1') return `${name} is a schema 1 manifest`
    if (manifest?.kind === 'unknown') return `${name} is a manifest of a kind that this action does not know`
    if ((manifest?.written ?? []).length > 0)
      return `${name} lists content of a media type that this action does not know`
    if (missing !== undefined && missing.is !== 'missing') return `${digest} cannot be read: ${missing.why}`
    const unclear = referrersUnclear.get(digest)
    return unclear === undefined ? undefined : `what refers to ${digest} cannot be told: ${unclear}`
  }
}
