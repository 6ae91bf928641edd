import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'
import type { Pointers } from '../holders.js'
import { appendTo } from '../multimap.js'
import { lookupKeysOf } from '../select/image-key.js'

/** The manifests of a repository, seen from below: what needs a digest, and which tags point to it. */
export class Links {
  readonly #facts: Facts
  /** For each manifest, those that list it, and the other digests of the same bytes. */
  readonly #above = new Map<Digest, Digest[]>()
  /** For each blob, the manifests that list it. A manifest can be listed as a blob: then nothing below it is needed. */
  readonly #users = new Map<Digest, Digest[]>()
  readonly #byKey = new Map<string, Digest[]>()
  readonly #referrers: ReadonlySet<Digest>
  readonly #tags = new Map<Digest, Tag[]>()

  /** @param pointers the remaining tags */
  constructor(facts: Facts, pointers: Pointers) {
    this.#facts = facts
    const { manifests, twins, referrers } = facts
    const addUser = (blob: Digest, user: Digest): void => {
      for (const each of [blob, ...(twins.get(blob) ?? [])]) appendTo(this.#users, each, user)
    }
    for (const [digest, manifest] of manifests) {
      const { children, blobs, written } = manifest
      for (const child of children) appendTo(this.#above, child.digest, digest)
      for (const blob of blobs) addUser(blob.digest, digest)
      for (const each of written)
        if (manifests.has(each)) appendTo(this.#above, each, digest)
        else addUser(each, digest)
      for (const key of lookupKeysOf(manifest)) appendTo(this.#byKey, key, digest)
    }
    for (const [digest, others] of twins) for (const twin of others) appendTo(this.#above, twin, digest)
    for (const [tag, digest] of pointers) appendTo(this.#tags, digest, tag)
    this.#referrers = new Set([...referrers.values()].flat())
  }

  /** The remaining tags that point to a manifest. */
  on(digest: Digest): readonly Tag[] {
    return this.#tags.get(digest) ?? []
  }

  /** The manifests with the key of this image. */
  withKey(key: string): readonly Digest[] {
    return this.#byKey.get(key) ?? []
  }

  /** Whether a manifest refers to another one, which so needs it. */
  isReferrer(digest: Digest): boolean {
    return this.#referrers.has(digest)
  }

  /** The manifests that list these digests as blobs. */
  users(digests: Iterable<Digest>): Digest[] {
    return [...digests].flatMap((digest) => this.#users.get(digest) ?? [])
  }

  /**
   * Walks up from manifests: to those that list them, at any height, and to the other digests of the same bytes. Does
   * not walk from a referrer to its subject.
   *
   * @param seen where the walk ends. It gets everything that is found
   * @returns what is found: the manifests themselves, too, if they were not in `seen`
   */
  above(digests: Iterable<Digest>, seen: Set<Digest>): Digest[] {
    return walk(digests, seen, (digest) => this.#above.get(digest) ?? [])
  }

  /** Walks down, as `above` walks up: to the manifests that an image consists of. */
  below(digests: Iterable<Digest>, seen: Set<Digest>): Digest[] {
    const { manifests, twins } = this.#facts
    return walk(digests, seen, (digest) => {
      const { children = [], written = [] } = manifests.get(digest) ?? {}
      return [
        ...(twins.get(digest) ?? []),
        ...children.map((child) => child.digest),
        ...written.filter((each) => manifests.has(each)),
      ]
    })
  }
}

function walk(
  from: Iterable<Digest>,
  seen: Set<Digest>,
  next: (digest: Digest) => readonly Digest[],
): Digest[] {
  const found: Digest[] = []
  const add = (digest: Digest): void => {
    if (seen.has(digest)) return
    seen.add(digest)
    found.push(digest)
  }
  for (const digest of from) add(digest)
  // The loop also visits entries that are added to the list while it runs.
  for (const digest of found) next(digest).forEach(add)
  return found
}
