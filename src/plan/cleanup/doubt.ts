import type { Digest } from '../../oci/digest.js'
import { reach } from '../../oci/graph.js'
import { keyOf, subjectKey, type Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'
import { appendTo } from '../multimap.js'
import type { ContentDoubt } from '../reason.js'

/** Finds images of one repository whose content is unknown. */
export class Doubts {
  readonly #facts: Facts
  /** Tags that are attached to an image by their name, by the key of the image. */
  readonly #byKey = new Map<string, Tag[]>()

  constructor(facts: Facts) {
    this.#facts = facts
    for (const tag of facts.tags.keys()) {
      const key = subjectKey(tag)
      if (key !== undefined) appendTo(this.#byKey, key, tag)
    }
  }

  /**
   * Checks an image and everything attached to it, by reference or by a tag's name, since that would be deleted as
   * well.
   *
   * @returns why its content is unknown, or undefined
   */
  about(root: Digest): ContentDoubt | undefined {
    const seen = new Set<Digest>()
    const open = [root]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const digest of reach([next], this.#facts, true).manifests) {
        if (seen.has(digest)) continue
        seen.add(digest)
        const doubt = this.#doubt(digest)
        if (doubt !== undefined) return doubt
        for (const tag of this.#byKey.get(keyOf(digest)) ?? []) {
          const state = this.#facts.tags.get(tag)
          if (state?.is === 'resolved') open.push(state.digest)
          else if (state !== undefined && state.is !== 'unknown')
            return { kind: 'attached-tag-unreadable', tag, why: state.why }
        }
      }
    }
    return undefined
  }

  #doubt(digest: Digest): ContentDoubt | undefined {
    const { manifests, missing: all, referrersUnclear } = this.#facts
    const manifest = manifests.get(digest)
    const missing = all.get(digest)
    if (manifest?.kind === 'schema1') return { kind: 'schema1', digest }
    if (manifest?.kind === 'unknown') return { kind: 'unknown-kind', digest }
    if ((manifest?.written ?? []).length > 0) return { kind: 'unknown-media-type', digest }
    if (missing !== undefined && missing.is !== 'missing')
      return { kind: 'manifest-unreadable', digest, why: missing.why }
    const unclear = referrersUnclear.get(digest)
    return unclear === undefined ? undefined : { kind: 'referrers-unclear', digest, why: unclear }
  }
}
