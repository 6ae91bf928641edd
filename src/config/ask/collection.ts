import type { Digest } from '../../oci/digest.js'
import type { Wrong } from '../../oci/parsed.js'
import type { Reference, Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Named } from '../settings.js'

interface Entry {
  readonly repository: Repository
  readonly tags: Map<Tag, Digest | undefined>
  readonly digests: Set<Digest>
  readonly blobs: Set<Digest>
}

/** Collects named content by repository. Ignores duplicates. */
export class NamedCollection {
  readonly #entries = new Map<Repository, Entry>()

  /** @returns undefined, or why the reference contradicts an earlier one */
  addImage({ repository, tag, digest }: Reference): Wrong | undefined {
    const { tags, digests } = this.#entry(repository)
    if (tag === undefined) {
      if (digest !== undefined) digests.add(digest)
      return undefined
    }
    const before = tags.get(tag)
    if (before !== undefined && digest !== undefined && before !== digest)
      return { wrong: `${repository}:${tag} is written with two digests, ${before} and ${digest}` }
    tags.set(tag, digest ?? before)
    return undefined
  }

  /** Call it after all `addImage`. @returns undefined, or why the blob contradicts `image` */
  addBlob(repository: Repository, digest: Digest): Wrong | undefined {
    const { tags, digests, blobs } = this.#entry(repository)
    if (digests.has(digest) || [...tags.values()].includes(digest))
      return {
        wrong: `${repository}@${digest} is also in \`image\`: a digest is a manifest's or a blob's, not both`,
      }
    blobs.add(digest)
    return undefined
  }

  all(): Named[] {
    return [...this.#entries.values()].map(({ repository, tags, digests, blobs }) => ({
      repository,
      tags: [...tags].map(([tag, digest]) => ({ tag, ...(digest !== undefined && { digest }) })),
      digests: [...digests],
      blobs: [...blobs],
    }))
  }

  #entry(repository: Repository): Entry {
    const known = this.#entries.get(repository)
    if (known !== undefined) return known
    const entry: Entry = { repository, tags: new Map(), digests: new Set(), blobs: new Set() }
    this.#entries.set(repository, entry)
    return entry
  }
}
