import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { Check, type Deletions, type Extent } from './check.js'
import type { Created, Facts, Survey, TagState, Target } from './facts.js'
import { Listing } from './lists/listing.js'
import type { HiddenTagsRemark } from './problem.js'
import { readBlobAccess } from './read/blob-access.js'
import { readCreated } from './read/created.js'
import { Reader } from './read/reader.js'
import { purgedBlobs, readTwins, rootsOf } from './read/twins.js'
import { Staleness } from './staleness.js'
import type { Tools } from './tools.js'

/** How to survey a repository. */
export interface SurveyOptions {
  /** Only labels are removed. The survey probes for a way to do that, and reads no referrers and no twins. */
  readonly labels: boolean
  /** Plain names in `protected-tags`. They are read by name, since a list can lack tags. */
  readonly protectedNames: readonly Tag[]
}

/** How often to read a list that lacks tags that resolve. */
const LISTINGS = 3

/** Surveys one repository, and can check it again later. It only reads and makes no decisions. */
export class Surveyor {
  readonly #tools: Tools
  readonly #repository: Repository
  readonly #options: SurveyOptions
  readonly #listing: Listing
  readonly #staleness: Staleness
  #reader: Reader

  constructor(tools: Tools, repository: Repository, options: SurveyOptions) {
    this.#tools = tools
    this.#repository = repository
    this.#options = options
    this.#listing = new Listing(tools, repository)
    this.#staleness = new Staleness(repository)
    this.#reader = this.#newReader()
  }

  /**
   * Lists the tags, including those that the registry's list hides.
   *
   * @throws ListError, WireError
   */
  list(): Promise<Tag[]> {
    return this.#listing.whole()
  }

  /** The remarks about the newest list. */
  get remarks(): HiddenTagsRemark[] {
    return this.#listing.remarks
  }

  /**
   * Reads every listed tag, every named one and all manifests below them. Probes deletion, and whether blobs can be read.
   *
   * @param listed what `list` returned
   * @param target the items that the user named
   * @throws ListError; WireError if the registry does not respond at all
   */
  async survey(listed: readonly Tag[], target: Target): Promise<Survey> {
    const deletion = this.#deletion()
    deletion.catch(() => undefined)
    const facts = await this.read(listed, target)
    const contents = await this.#readContents(target, facts)
    return { ...facts, ...(await deletion), ...contents }
  }

  /**
   * Reads every listed tag, every named one, and all manifests below them.
   *
   * @throws ListError; WireError if the registry does not respond at all
   */
  async read(listed: readonly Tag[], target?: Target): Promise<Facts> {
    const named = (target?.tags ?? []).map(({ tag }) => tag)
    const byName = [...named, ...this.#options.protectedNames]
    const tags = await this.#reader.tags(new Set([...listed, ...byName]))
    await this.#reader.digests(target === undefined ? [] : rootsOf(target))

    // The list must name every tag that resolves. If it lacks one, it is incomplete.
    let list = listed
    const isUnlisted = (tag: Tag): boolean => tags.get(tag)?.is === 'resolved' && !list.includes(tag)
    const isHidden = (tag: Tag): boolean => isUnlisted(tag) && this.#listing.suspect(tag, list)
    // `filter` calls isHidden for every tag: each can show that the list hides tags.
    const lacks = (): boolean => byName.filter(isHidden).length > 0 || named.some(isUnlisted)
    for (let listings = 1; listings < LISTINGS && lacks(); listings++) {
      list = await this.list()
      const found = await this.#reader.tags(new Set(list.filter((tag) => !tags.has(tag))))
      for (const [tag, state] of found) tags.set(tag, state)
    }
    return this.#reader.facts(this.#listing.removeLeftovers(list, tags), tags)
  }

  /**
   * Adds to the facts whether the registry can delete, and whether its blobs can be read. Call it only for a repository in which something is selected.
   *
   * @param target the selected items
   * @param labels whether some tags lose only their label
   * @throws WireError
   */
  async complete(facts: Facts, target: Target, labels: boolean): Promise<Survey> {
    const [deletion, contents] = await Promise.all([this.#deletion(), this.#readContents(target, facts)])
    const untagging =
      labels && deletion.untagging === undefined
        ? { untagging: await this.#tools.capabilities.untagging(this.#repository) }
        : {}
    return { ...facts, ...deletion, ...untagging, ...contents }
  }

  /** @returns when the images of these roots were created @throws Stopped */
  created(roots: ReadonlySet<Digest>, facts: Facts): Promise<Map<Digest, Created>> {
    return readCreated(this.#tools, roots, facts)
  }

  /**
   * Checks the repository again: lists its tags again, reads the new ones, and re-reads as many others as `extent` says.
   * Does not re-read known manifests.
   *
   * @param before the facts before this check
   * @param deletions the items that the plan deletes
   * @param byName tags to read whether or not they are listed
   * @throws ListError, WireError
   */
  checkAgain(
    before: Facts,
    extent: Extent,
    deletions: Deletions,
    byName: readonly Tag[] = [],
  ): Promise<Facts> {
    this.#reader = this.#newReader(this.#reader)
    const tools = { listing: this.#listing, staleness: this.#staleness, reader: this.#reader }
    return new Check(tools, before, extent, deletions).run(byName)
  }

  /** Reads one tag. @throws Stopped */
  tag(tag: Tag): Promise<TagState> {
    return this.#reader.tag(tag)
  }

  /** If only labels are removed, every image is kept, so its referrers do not matter. */
  #newReader(known?: Reader): Reader {
    const referrers = !this.#options.labels
    return new Reader(this.#tools, this.#repository, { referrers, ...(known !== undefined && { known }) })
  }

  async #deletion(): Promise<Pick<Survey, 'manifestDeletion' | 'blobDeletion' | 'untagging'>> {
    const { capabilities } = this.#tools
    if (!this.#options.labels) return capabilities.deletion(this.#repository)
    const untagging = await capabilities.untagging(this.#repository)
    const deletion = untagging.is === 'possible' ? ({ is: 'on' } as const) : untagging.deletion
    return { manifestDeletion: deletion, blobDeletion: deletion, untagging }
  }

  async #readContents(target: Target, facts: Facts): Promise<Pick<Survey, 'blobAccess' | 'twinsUnclear'>> {
    const { labels } = this.#options
    const [blobAccess, twinsUnclear] = await Promise.all([
      readBlobAccess(this.#tools, facts, target, labels),
      labels ? [] : readTwins(this.#reader, purgedBlobs(target, facts.tags, this.#reader)),
    ])
    return { ...(blobAccess !== undefined && { blobAccess }), twinsUnclear }
  }
}
