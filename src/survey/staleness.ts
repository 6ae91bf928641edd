import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { StaleList } from './errors.js'
import type { TagState } from './facts.js'

/** Tags that this run deleted. */
export interface DeletedTags {
  /** Tags that were deleted by name. If a list names one and the tag does not resolve, the list is stale. */
  readonly untagged: ReadonlySet<Tag>
  /** Tags whose manifest was deleted. Some registries still list them (Nexus, 2.x on S3). */
  readonly dropped: ReadonlySet<Tag>
  /** Those of `dropped` for which the registry reported an error: it may still list them for that reason. */
  readonly explained: ReadonlySet<Tag>
}

/** Recognizes stale tag lists: those that name tags which this run deleted and which do not resolve. */
export class Staleness {
  readonly #repository: Repository
  /** Tags that the registry still lists after their manifest was deleted. */
  readonly #dangling = new Set<Tag>()

  constructor(repository: Repository) {
    this.#repository = repository
  }

  /** @returns whether a list may be stale. Then the caller must request it past caches */
  isDoubtful(listed: readonly Tag[], tags: ReadonlyMap<Tag, TagState>, deleted: DeletedTags): boolean {
    return listed.some(
      (tag) =>
        tags.get(tag)?.is === 'unknown' &&
        (deleted.untagged.has(tag) || (deleted.dropped.has(tag) && !this.#dangling.has(tag))),
    )
  }

  /**
   * Judges a list that was requested past caches. It is stale if it names a tag that was deleted by name. It may name a
   * tag whose manifest was deleted (Nexus, 2.x on S3), but only if it lacks another tag that this run deleted: that shows
   * that the list is up to date.
   *
   * @throws StaleList
   */
  judge(listed: readonly Tag[], tags: ReadonlyMap<Tag, TagState>, deleted: DeletedTags): void {
    const named = new Set(listed)
    const isLive = [...deleted.dropped, ...deleted.untagged].some((tag) => !named.has(tag))
    for (const tag of listed) {
      if (tags.get(tag)?.is !== 'unknown') continue
      if (deleted.untagged.has(tag)) throw this.#stale('names-deleted-tag', tag)
      if (!deleted.dropped.has(tag)) continue
      if (!isLive && !deleted.explained.has(tag)) throw this.#stale('names-tag-of-deleted-manifest', tag)
      this.#dangling.add(tag)
    }
  }

  #stale(is: 'names-deleted-tag' | 'names-tag-of-deleted-manifest', tag: Tag): StaleList {
    return new StaleList({ kind: 'tag-list-stale', repository: this.#repository, sign: { is, tag } })
  }
}
