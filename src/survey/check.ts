import type { Digest } from '../oci/digest.js'
import { reach } from '../oci/graph.js'
import type { Tag } from '../oci/tag.js'
import { ListError, UnknownRepository } from './errors.js'
import type { Facts, TagState } from './facts.js'
import type { Listing } from './lists/listing.js'
import type { Reader } from './read/reader.js'
import { readTwins } from './read/twins.js'
import type { DeletedTags, Staleness } from './staleness.js'

/** How much a check re-reads. */
export type Extent =
  /** Tags that are new in the list. */
  | 'new'
  /** New tags, tags that the plan deletes, and tags that did not resolve. */
  | 'going'
  /** Every tag, except those that the plan deletes and that are no longer listed. */
  | 'all'
  /** As `all`, and the current referrers of manifests that the plan deletes. */
  | 'end'

/** The items that a plan deletes, and which of them are deleted already. */
export interface Deletions extends DeletedTags {
  readonly tags: ReadonlySet<Tag>
  readonly manifests: ReadonlySet<Digest>
  /** Those of `tags` that are deleted already: if one is listed again, somebody pushed it. */
  readonly removed: ReadonlySet<Tag>
}

/** The tools that the checks of one repository share. */
export interface CheckTools {
  readonly listing: Listing
  readonly staleness: Staleness
  readonly reader: Reader
}

/** One check of a repository: lists its tags again, reads the new ones, and re-reads as many others as `extent` says. */
export class Check {
  readonly #tools: CheckTools
  readonly #before: Facts
  readonly #extent: Extent
  readonly #deletions: Deletions

  /** @param before the facts before this check */
  constructor(tools: CheckTools, before: Facts, extent: Extent, deletions: Deletions) {
    this.#tools = tools
    this.#before = before
    this.#extent = extent
    this.#deletions = deletions
  }

  /**
   * @param byName tags to read whether or not they are listed
   * @throws ListError, WireError
   */
  async run(byName: readonly Tag[]): Promise<Facts> {
    const { listing, reader } = this.#tools
    const before = this.#before.tags
    let listed = await this.#list(false)
    const tags = await reader.tags(this.#wanted(listed, byName))
    if (this.#tools.staleness.isDoubtful(listed, tags, this.#deletions))
      listed = await this.#listPastCaches(tags)
    listed = listing.removeLeftovers(listed, tags, before)
    if (this.#lost(listed, tags).length > 0) {
      listed = listing.removeLeftovers(await this.#listPastCaches(tags), tags, before)
      this.#throwIfIncomplete(this.#lost(listed, tags))
    }
    await this.#readReferrers(tags)
    if (!this.#readsAll) for (const [tag, state] of before) if (!tags.has(tag)) tags.set(tag, state)
    return reader.facts(listed, tags)
  }

  get #readsAll(): boolean {
    return this.#extent === 'all' || this.#extent === 'end'
  }

  #isWanted(tag: Tag): boolean {
    if (this.#readsAll || !this.#before.tags.has(tag)) return true
    return this.#extent === 'new' && this.#deletions.removed.has(tag)
  }

  #wanted(listed: readonly Tag[], byName: readonly Tag[]): ReadonlySet<Tag> {
    const going = this.#deletions.tags
    const wanted = new Set(listed.filter((tag) => this.#isWanted(tag)))
    if (this.#extent !== 'new')
      for (const [tag, { is }] of this.#before.tags)
        if (this.#extent === 'going' ? going.has(tag) || is !== 'resolved' : !going.has(tag)) wanted.add(tag)
    for (const tag of byName) wanted.add(tag)
    return wanted
  }

  /**
   * Lists the tags past caches, since the previous list may be stale, and reads the tags that only this list names.
   *
   * @param tags receives the tags that are read
   * @throws StaleList, ListError, WireError
   */
  async #listPastCaches(tags: Map<Tag, TagState>): Promise<Tag[]> {
    const { reader, staleness } = this.#tools
    const listed = await this.#list(true)
    const isOpen = (tag: Tag): boolean =>
      (this.#isWanted(tag) && !tags.has(tag)) || this.#deletions.untagged.has(tag)
    const read = await reader.tags(new Set(listed.filter(isOpen)))
    for (const [tag, state] of read) tags.set(tag, state)
    staleness.judge(listed, tags, this.#deletions)
    return listed
  }

  /**
   * Lists the tags, and searches for hidden ones unless only new tags matter. Some registries no longer know a repository
   * without tags. So an unknown repository counts as an empty list, unless a tag that the plan keeps must be listed.
   */
  async #list(pastCaches: boolean): Promise<Tag[]> {
    const { listing } = this.#tools
    const going = this.#deletions.tags
    // If the plan deletes no tag, no name in a list can show that the list is stale.
    const pastAllCaches = pastCaches || going.size === 0
    try {
      return this.#extent === 'new'
        ? await listing.quick(going, pastAllCaches)
        : await listing.whole(pastAllCaches)
    } catch (error) {
      if (!(error instanceof UnknownRepository)) throw error
      if ([...this.#before.tags].some(([tag, { is }]) => !going.has(tag) && is === 'resolved')) throw error
      return []
    }
  }

  /** The tags that were listed before and still resolve, but are no longer listed: such a list may lack others, too. */
  #lost(listed: readonly Tag[], tags: ReadonlyMap<Tag, TagState>): Tag[] {
    const now = new Set(listed)
    return this.#before.listed.filter(
      (tag) => !now.has(tag) && !this.#deletions.tags.has(tag) && tags.get(tag)?.is === 'resolved',
    )
  }

  /** @throws ListError if tags are lost */
  #throwIfIncomplete(lost: readonly Tag[]): void {
    const [tag] = lost
    if (tag === undefined) return
    const { repository } = this.#before
    const flaw = { is: 'lacks-tags', tag, count: lost.length } as const
    throw new ListError({ kind: 'tag-list-not-whole', repository, flaw })
  }

  async #readReferrers(tags: ReadonlyMap<Tag, TagState>): Promise<void> {
    const { reader } = this.#tools
    const { manifests } = this.#deletions
    const subjects = new Set(this.#readsAll ? this.#remaining(tags) : [])
    if (this.#extent === 'going' || this.#extent === 'end')
      for (const digest of manifests) subjects.add(digest)
    await reader.refer(subjects)
    const blobs = [...manifests].flatMap((digest) => reader.manifests.get(digest)?.blobs ?? [])
    if (blobs.length > 0) await readTwins(reader, new Set(blobs.map(({ digest }) => digest)))
  }

  /** @returns every manifest that remaining tags reach */
  #remaining(tags: ReadonlyMap<Tag, TagState>): ReadonlySet<Digest> {
    const roots = [...tags].flatMap(([tag, state]) =>
      state.is === 'resolved' && !this.#deletions.tags.has(tag) ? [state.digest] : [],
    )
    return reach(roots, this.#tools.reader, true).manifests
  }
}
