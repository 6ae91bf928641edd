import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { TagState } from '../facts.js'
import type { HiddenTagsRemark } from '../problem.js'
import type { Tools } from '../tools.js'
import { HiddenTags } from './hidden.js'
import { listTags } from './tags.js'

/** Lists the tags of one repository, including those that its tag list hides. */
export class Listing {
  readonly #tools: Tools
  readonly #repository: Repository
  readonly #hidden: HiddenTags

  constructor(tools: Tools, repository: Repository) {
    this.#tools = tools
    this.#repository = repository
    this.#hidden = new HiddenTags(tools, repository)
  }

  /**
   * Lists the tags, and searches for hidden ones.
   *
   * @param pastAllCaches whether every request, even the first, has a query string that no cache has seen
   * @throws ListError, WireError
   */
  async whole(pastAllCaches = false): Promise<Tag[]> {
    const listed = await listTags(this.#tools.client, this.#repository, pastAllCaches)
    return [...listed, ...(await this.#hidden.search(listed, pastAllCaches))]
  }

  /**
   * Lists the tags, and adds the hidden ones that an earlier search found. Does not search for others.
   *
   * @param deleted tags that are not added
   * @throws ListError, WireError
   */
  async quick(deleted: ReadonlySet<Tag>, pastAllCaches: boolean): Promise<Tag[]> {
    const listed = await listTags(this.#tools.client, this.#repository, pastAllCaches)
    return [...new Set([...listed, ...this.#hidden.found.filter((tag) => !deleted.has(tag))])]
  }

  /** The remarks about the newest list. */
  get remarks(): HiddenTagsRemark[] {
    const { found, skipped } = this.#hidden
    const repository = this.#repository
    const remarks: HiddenTagsRemark[] = []
    if (found.length > 0) remarks.push({ kind: 'hidden-tags-found', repository, count: found.length })
    if (skipped > 0) remarks.push({ kind: 'hidden-tags-not-searched', repository, count: skipped })
    return remarks
  }

  /** Notes that a tag resolves but is not listed. @returns whether a listed tag may hide it */
  suspect(tag: Tag, listed: readonly Tag[]): boolean {
    return this.#hidden.suspect(tag, listed)
  }

  /**
   * Removes names that only the search for hidden tags found, and that never resolved.
   *
   * @param tags the tags that were read; such names are removed here as well, unless `before` has them
   * @param before the states of tags that were known before
   * @returns the list without such names
   */
  removeLeftovers(
    listed: readonly Tag[],
    tags: Map<Tag, TagState>,
    before: ReadonlyMap<Tag, TagState> = new Map(),
  ): Tag[] {
    const found = new Set(this.#hidden.found)
    for (const tag of found) {
      const isLeftover = tags.get(tag)?.is === 'unknown' && before.get(tag)?.is !== 'resolved'
      if (isLeftover && !before.has(tag)) tags.delete(tag)
    }
    return listed.filter((tag) => !found.has(tag) || tags.has(tag))
  }
}
