import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { Check, type Deletions, type Extent } from './check.js'
import type { Created, Facts, Survey, TagState, Target } from './facts.js'
import { Listing } from './lists/listing.js'
import type { HiddenTagsRemark, TwinProblem } from './problem.js'
import { readCreated } from './read/created.js'
import { Reader } from './read/reader.js'
import { purgedBlobs, readTwins, rootsOf } from './read/twins.js'
import { Staleness } from './staleness.js'
import type { Tools } from './tools.js'

/** What a survey reads besides the listed tags. */
export interface SurveyOptions {
  /** Only labels are to be removed: the survey probes for a way to do that, and reads nothing that it does not need. */
  readonly labels: boolean
  /** Plain names in `protected-tags`: read by name, since a list can leave tags out. */
  readonly protectedNames: readonly Tag[]
}

/** The most times that a list is read which lacks tags that resolve. */
const LISTINGS = 3

/** Surveys one repository, and can check it again later. It only reads, and decides nothing. */
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
   * Lists the tags, and finds those that the list hides.
   *
   * @throws ListError, WireError
   */
  list(): Promise<Tag[]> {
    return this.#listing.whole()
  }

  /** What is to be said of the newest list. */
  get remarks(): HiddenTagsRemark[] {
    return this.#listing.remarks
  }

  /**
   * Reads every listed tag, every named one and all manifests below them, and probes deletion.
   *
   * @param listed what `list` returned
   * @param target what was named
   * @throws ListError; WireError if the registry as a whole does not respond
   */
  async survey(listed: readonly Tag[], target: Target): Promise<Survey> {
    const deletion = this.#deletion()
    deletion.catch(() => undefined)
    const facts = await this.read(listed, target)
    const twinsUnclear = await this.#readTwins(target, facts)
    return { ...facts, ...(await deletion), twinsUnclear }
  }

  /**
   * Reads every listed tag, every named one, and all manifests below them.
   *
   * @throws ListError; WireError if the registry as a whole does not respond
   */
  async read(listed: readonly Tag[], target?: Target): Promise<Facts> {
    const named = (target?.tags ?? []).map(({ tag }) => tag)
    const asked = [...named, ...this.#options.protectedNames]
    const tags = await this.#reader.tags(new Set([...listed, ...asked]))
    await this.#reader.digests(target === undefined ? [] : rootsOf(target))

    // A tag that resolves must be in its own list. If it is not, the list leaves tags out.
    let list = listed
    const isUnlisted = (tag: Tag): boolean => tags.get(tag)?.is === 'resolved' && !list.includes(tag)
    const isHidden = (tag: Tag): boolean => isUnlisted(tag) && this.#listing.suspect(tag, list)
    // `filter` calls isHidden for every tag: each can show that the list hides tags.
    const lacks = (): boolean => asked.filter(isHidden).length > 0 || named.some(isUnlisted)
    for (let listings = 1; listings < LISTINGS && lacks(); listings++) {
      list = await this.list()
      const found = await this.#reader.tags(new Set(list.filter((tag) => !tags.has(tag))))
      for (const [tag, state] of found) tags.set(tag, state)
    }
    return this.#reader.facts(this.#listing.removeLeftovers(list, tags), tags)
  }

  /**
   * Adds to what was read whether something can be deleted. Only repositories in which something was selected are probed.
   *
   * @param target what was selected
   * @param labels whether some tags only lose their label
   * @throws WireError
   */
  async complete(facts: Facts, target: Target, labels: boolean): Promise<Survey> {
    const [deletion, twinsUnclear] = await Promise.all([this.#deletion(), this.#readTwins(target, facts)])
    const untagging =
      labels && deletion.untagging === undefined
        ? { untagging: await this.#tools.capabilities.untagging(this.#repository) }
        : {}
    return { ...facts, ...deletion, ...untagging, twinsUnclear }
  }

  /** @returns when the images of these roots were created @throws Stopped */
  created(roots: ReadonlySet<Digest>, facts: Facts): Promise<Map<Digest, Created>> {
    return readCreated(this.#tools, roots, facts)
  }

  /**
   * Checks the repository again: lists its tags anew, and reads what is new and what must be certain. Known manifests are
   * not read again.
   *
   * @param before what was known
   * @param deletions what the plan deletes
   * @param asked tags that are read in any case, listed or not
   * @throws ListError, WireError
   */
  checkAgain(
    before: Facts,
    extent: Extent,
    deletions: Deletions,
    asked: readonly Tag[] = [],
  ): Promise<Facts> {
    this.#reader = this.#newReader(this.#reader)
    const tools = { listing: this.#listing, staleness: this.#staleness, reader: this.#reader }
    return new Check(tools, before, extent, deletions).run(asked)
  }

  /** Reads one tag. @throws Stopped */
  tag(tag: Tag): Promise<TagState> {
    return this.#reader.tag(tag)
  }

  /** What refers to an image does not matter if the image stays. */
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

  async #readTwins(target: Target, { tags }: Facts): Promise<TwinProblem[]> {
    if (this.#options.labels) return []
    return readTwins(this.#reader, purgedBlobs(target, tags, this.#reader))
  }
}
