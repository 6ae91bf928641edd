import type { Digest } from '../oci/digest.js'
import { reach } from '../oci/graph.js'
import type { Descriptor } from '../oci/manifest.js'
import { keyOf, subjectKey, type Tag } from '../oci/tag.js'
import type { Repository } from '../oci/reference.js'
import type { Client } from '../registry/client.js'
import { each } from '../registry/limit.js'
import type { Capabilities } from './capabilities.js'
import { counted, type Progress } from '../registry/progress.js'
import { readCreated } from './created.js'
import type { Created, Facts, Survey, TagState, Target } from './facts.js'
import { HiddenTags } from './hidden.js'
import { Reader } from './read.js'
import { listTags, StaleList, UnknownRepository } from './tags.js'

/** What a repository's reads need. */
export interface Scope {
  readonly client: Client
  readonly capabilities: Capabilities
  readonly repository: Repository
  /** Only labels are to go: then the way to do that is asked for, and nothing is asked that it does not need. */
  readonly labels: boolean
  /** Plain names in `protected-tags`: asked for by name, since a list can leave tags out. */
  readonly protectedNames: readonly Tag[]
  /** Requests at a time. */
  readonly width: number
  readonly progress: Progress
}

/** How much a later look asks for. */
export type Which = 'new' | 'going' | 'all' | 'end'

/** What a plan takes away. */
export interface Going {
  readonly tags: ReadonlySet<Tag>
  readonly manifests: ReadonlySet<Digest>
  /** Tags that are gone already: where one is listed again, somebody pushed it. */
  readonly removed: ReadonlySet<Tag>
  /** Those of them that were deleted by name: a list that names one which does not resolve is stale. */
  readonly untagged: ReadonlySet<Tag>
  /** Tags whose manifest was deleted. Some registries go on listing them (Nexus, 2.x on S3). */
  readonly dropped: ReadonlySet<Tag>
  /** Those of them of which the registry said itself that something went wrong: it may list them for that. */
  readonly explained: ReadonlySet<Tag>
}

const LISTINGS = 3

/** Surveys one repository and can look at it again later: reads only, decides nothing. */
export class Surveyor {
  readonly #scope: Scope
  readonly #hidden: HiddenTags
  /** Tags that the registry goes on listing after their manifest was deleted. */
  readonly #dangling = new Set<Tag>()
  #reader: Reader

  constructor(scope: Scope) {
    this.#scope = scope
    this.#reader = this.#newReader()
    this.#hidden = new HiddenTags(scope.client, scope.repository, scope.width)
  }

  /**
   * Lists the tags, and finds those that the list hides.
   *
   * @param pastCaches whether to send queries that no cache knows
   * @throws ListError, WireError
   */
  async list(pastCaches = false): Promise<Tag[]> {
    const listed = await listTags(this.#scope.client, this.#scope.repository, pastCaches)
    return [...listed, ...(await this.#hidden.behind(listed, pastCaches))]
  }

  /** What is to be said of the newest list, a sentence each. */
  get remarks(): string[] {
    const { found, unasked } = this.#hidden
    const { repository } = this.#scope
    const remarks: string[] = []
    if (found.length > 0)
      remarks.push(
        `the tag list of ${repository} hides ${found.length} of its tags, which were found all the same`,
      )
    if (unasked > 0)
      remarks.push(
        `the tag list of ${repository} may leave tags out, as distribution 3.1.1 on S3 does: hidden tags were not looked for behind ${unasked} of its tags. Name tags that must stay in \`protected-tags\``,
      )
    return remarks
  }

  /**
   * Reads every listed tag, every named one, all manifests below them, and probes deletion.
   *
   * @param listed what `list` returned
   * @param target what was named
   * @throws ListError, WireError where the registry as a whole does not answer
   */
  async survey(listed: readonly Tag[], target: Target): Promise<Survey> {
    const deletion = this.#deletion()
    deletion.catch(() => undefined)
    const facts = await this.read(listed, target)
    const twinsUnclear = await this.#twinsOf(target, facts)
    return { ...facts, ...(await deletion), twinsUnclear }
  }

  /**
   * Reads every listed tag, every named one, and all manifests below them.
   *
   * @throws ListError, WireError where the registry as a whole does not answer
   */
  async read(listed: readonly Tag[], target?: Target): Promise<Facts> {
    const named = (target?.tags ?? []).map(({ tag }) => tag)
    const asked = [...named, ...this.#scope.protectedNames]
    const tags = await this.#read(new Set([...listed, ...asked]))
    const roots = target === undefined ? [] : rootsOf(target)
    await each(roots, this.#scope.width, (digest) => this.#reader.digest(digest))

    // A tag that resolves must be in its own list: one that is not shows that the list leaves tags out.
    let list = listed
    const unlisted = (tag: Tag): boolean => tags.get(tag)?.is === 'resolved' && !list.includes(tag)
    const isHidden = (tag: Tag): boolean => unlisted(tag) && this.#hidden.suspect(tag, list)
    // Each of them is looked at: any one of them can show that the list hides tags.
    const lacks = (): boolean => asked.filter(isHidden).length > 0 || named.some(unlisted)
    for (let listings = 1; listings < LISTINGS && lacks(); listings++) {
      list = await this.list()
      const found = await this.#read(new Set(list.filter((tag) => !tags.has(tag))))
      for (const [tag, state] of found) tags.set(tag, state)
    }
    return this.#facts(this.#withoutLeftovers(list, tags), tags)
  }

  /**
   * Adds to what was read what only those repositories are asked for in which something goes: whether that is possible.
   *
   * @param target what was selected
   * @param labels whether of some tags the label alone goes
   * @throws WireError
   */
  async complete(facts: Facts, target: Target, labels: boolean): Promise<Survey> {
    const { capabilities, repository } = this.#scope
    const [deletion, twinsUnclear] = await Promise.all([this.#deletion(), this.#twinsOf(target, facts)])
    const untagging =
      labels && deletion.untagging === undefined
        ? { untagging: await capabilities.untagging(repository) }
        : {}
    return { ...facts, ...deletion, ...untagging, twinsUnclear }
  }

  /** @returns when the images of these roots were created. @throws WireError only when the run is to stop */
  created(roots: ReadonlySet<Digest>, facts: Facts): Promise<Map<Digest, Created>> {
    return readCreated(roots, facts, this.#scope)
  }

  /** What refers to an image does not matter where the image stays. */
  #newReader(known?: Reader): Reader {
    const { client, capabilities, repository, labels } = this.#scope
    return new Reader(client, labels ? undefined : capabilities, repository, known)
  }

  async #deletion(): Promise<Pick<Survey, 'manifestDeletion' | 'blobDeletion' | 'untagging'>> {
    const { capabilities, repository, labels } = this.#scope
    if (!labels) return capabilities.deletion(repository)
    const untagging = await capabilities.untagging(repository)
    const deletion = untagging.is === 'possible' ? ({ is: 'on' } as const) : untagging.deletion
    return { manifestDeletion: deletion, blobDeletion: deletion, untagging }
  }

  async #twinsOf(target: Target, { tags }: Facts): Promise<string[]> {
    if (this.#scope.labels) return []
    return this.#readTwins(this.#blobsOf(target, tags))
  }

  /**
   * Reads the twins of blobs that go, and those of others that may be the same bytes: of the same size, or of none that
   * is written. Where a registry has one copy, the blob of a tag that stays goes by its other name.
   */
  #readTwins(going: ReadonlySet<Digest>): Promise<string[]> {
    const sizes = new Set<number | undefined>()
    const long: Descriptor[] = []
    for (const { blobs } of this.#reader.manifests.values())
      for (const blob of blobs) {
        if (going.has(blob.digest)) sizes.add(blob.size)
        if (blob.digest.startsWith('sha512:')) long.push(blob)
      }
    const alike = long.filter(({ size }) => size === undefined || sizes.has(undefined) || sizes.has(size))
    const twins = alike.map(({ digest }) => digest)
    return this.#reader.twinsOf(new Set([...going, ...twins]), this.#scope.width)
  }

  /** The blobs of everything that was named, and of whatever is attached to it by reference or by a tag's name. */
  #blobsOf(target: Target, tags: ReadonlyMap<Tag, TagState>): ReadonlySet<Digest> {
    const roots = new Set(rootsOf(target))
    const named = new Set(target.tags.map(({ tag }) => tag))
    const belonging = new Map<string, Digest[]>()
    for (const [tag, state] of tags) {
      if (state.is !== 'resolved') continue
      if (named.has(tag)) roots.add(state.digest)
      const key = subjectKey(tag)
      if (key === undefined) continue
      const list = belonging.get(key)
      if (list === undefined) belonging.set(key, [state.digest])
      else list.push(state.digest)
    }
    const blobs = new Set(target.blobs)
    // A Set hands out entries that are added while it is walked.
    for (const digest of roots) {
      const { manifests, referrers, twins } = this.#reader
      const manifest = manifests.get(digest)
      for (const blob of manifest?.blobs ?? []) blobs.add(blob.digest)
      const more = [
        ...(manifest?.children ?? []).map((child) => child.digest),
        ...(referrers.get(digest) ?? []),
        ...(twins.get(digest) ?? []),
        ...(belonging.get(keyOf(digest)) ?? []),
      ]
      for (const each of more) roots.add(each)
    }
    return blobs
  }

  /**
   * Looks again: lists anew, reads what is new and what must be certain. Manifests that are known are not read again.
   *
   * @param before what was known
   * @param which `new`: tags that came; `going`: these, the tags that go, and those that did not resolve; `all`: every
   *   tag but those that go and are no longer listed; `end`: these, and what came to refer to what goes
   * @param plan the tags and manifests that the plan takes away
   * @param asked tags that are read in any case, listed or not
   * @throws ListError, WireError
   */
  async look(before: Facts, which: Which, plan: Going, asked: readonly Tag[] = []): Promise<Facts> {
    this.#reader = this.#newReader(this.#reader)
    const going = plan.tags
    let listed = await this.#listOrNothing(before, going, which)
    const whole = which === 'all' || which === 'end'
    const isWanted = (tag: Tag): boolean =>
      whole || !before.tags.has(tag) || (which === 'new' && plan.removed.has(tag))
    const wanted = new Set(listed.filter(isWanted))
    for (const [tag, { is }] of which === 'new' ? [] : before.tags) {
      if (which === 'going' ? going.has(tag) || is !== 'resolved' : !going.has(tag)) wanted.add(tag)
    }
    for (const tag of asked) wanted.add(tag)
    const tags = await this.#read(wanted)
    if (this.#isDoubtful(listed, tags, plan)) {
      listed = await this.#listOrNothing(before, going, which, true)
      const open = listed.filter((tag) => (isWanted(tag) && !tags.has(tag)) || plan.untagged.has(tag))
      for (const [tag, state] of await this.#read(new Set(open))) tags.set(tag, state)
      this.#judge(listed, tags, plan)
    }
    listed = this.#withoutLeftovers(listed, tags, before)
    const subjects = new Set(whole ? this.#remaining(tags, going) : [])
    if (which === 'going' || which === 'end') for (const digest of plan.manifests) subjects.add(digest)
    await this.#reader.refer(subjects, this.#scope.width)
    const blobs = [...plan.manifests].flatMap((digest) => this.#reader.manifests.get(digest)?.blobs ?? [])
    if (blobs.length > 0) await this.#readTwins(new Set(blobs.map(({ digest }) => digest)))
    if (!whole) for (const [tag, state] of before.tags) if (!tags.has(tag)) tags.set(tag, state)
    return this.#facts(listed, tags)
  }

  /** Every manifest that a tag which stays reaches. */
  #remaining(tags: ReadonlyMap<Tag, TagState>, going: ReadonlySet<Tag>): ReadonlySet<Digest> {
    const roots = [...tags].flatMap(([tag, state]) =>
      state.is === 'resolved' && !going.has(tag) ? [state.digest] : [],
    )
    return reach(roots, this.#reader, true).manifests
  }

  /** @returns whether a list names tags that this run took away, and that do not resolve */
  #isDoubtful(listed: readonly Tag[], tags: ReadonlyMap<Tag, TagState>, plan: Going): boolean {
    return listed.some(
      (tag) =>
        tags.get(tag)?.is === 'unknown' &&
        (plan.untagged.has(tag) || (plan.dropped.has(tag) && !this.#dangling.has(tag))),
    )
  }

  /**
   * Judges a list that was asked for past caches since the one before it was doubtful. A tag that was deleted by name is
   * on no list. One whose manifest was deleted can be (Nexus, 2.x on S3): that is believed if another tag that this run
   * took away is gone from the list, which shows that it is the list of now.
   *
   * @throws StaleList
   */
  #judge(listed: readonly Tag[], tags: ReadonlyMap<Tag, TagState>, plan: Going): void {
    const named = new Set(listed)
    const isLive = [...plan.dropped, ...plan.untagged].some((tag) => !named.has(tag))
    for (const tag of listed) {
      if (tags.get(tag)?.is !== 'unknown') continue
      if (plan.untagged.has(tag))
        throw new StaleList(this.#scope.repository, `names ${tag}, which this run deleted and which is gone`)
      if (plan.dropped.has(tag) && !isLive && !plan.explained.has(tag))
        throw new StaleList(
          this.#scope.repository,
          `names ${tag}, whose manifest this run deleted and which is gone, and nothing shows that it is the list of now`,
        )
      if (plan.dropped.has(tag)) this.#dangling.add(tag)
    }
  }

  /** Leaves out names that only the search for hidden tags brought up and that do not resolve, nor ever did. */
  #withoutLeftovers(listed: readonly Tag[], tags: Map<Tag, TagState>, before?: Facts): Tag[] {
    const found = new Set(this.#hidden.found)
    const isLeftover = (tag: Tag): boolean =>
      found.has(tag) && tags.get(tag)?.is === 'unknown' && before?.tags.get(tag)?.is !== 'resolved'
    for (const tag of found) if (isLeftover(tag) && before?.tags.has(tag) !== true) tags.delete(tag)
    return listed.filter((tag) => !found.has(tag) || tags.has(tag))
  }

  /**
   * Some registries forget a repository with its last tag. Where others must be there, that is no answer. Hidden tags are
   * looked for unless only what is new matters: then those that were found before are taken to be there.
   */
  async #listOrNothing(
    before: Facts,
    going: ReadonlySet<Tag>,
    which: Which,
    pastCaches = false,
  ): Promise<Tag[]> {
    try {
      // Where no tag goes, no list can be told to be stale by what it still names.
      const past = pastCaches || going.size === 0
      if (which !== 'new') return await this.list(past)
      const listed = new Set(await listTags(this.#scope.client, this.#scope.repository, past))
      for (const tag of this.#hidden.found) if (!going.has(tag)) listed.add(tag)
      return [...listed]
    } catch (error) {
      if (!(error instanceof UnknownRepository)) throw error
      if ([...before.tags].some(([tag, { is }]) => !going.has(tag) && is === 'resolved')) throw error
      return []
    }
  }

  /** Asks for one tag, on its own. @throws WireError only when the run is to stop */
  tag(tag: Tag): Promise<TagState> {
    return this.#reader.tag(tag)
  }

  async #read(wanted: ReadonlySet<Tag>): Promise<Map<Tag, TagState>> {
    const list = [...wanted]
    const { width, progress } = this.#scope
    const states = await counted(progress, 'tags read', list, width, (tag) => this.#reader.tag(tag))
    return new Map(list.map((tag, at) => [tag, states[at] as TagState]))
  }

  #facts(listed: readonly Tag[], tags: ReadonlyMap<Tag, TagState>): Facts {
    const { manifests, missing, referrers, referrersUnclear, twins } = this.#reader
    return {
      repository: this.#scope.repository,
      listed,
      tags,
      manifests,
      missing,
      referrers,
      referrersUnclear,
      twins,
    }
  }
}

function rootsOf(target: Target): Digest[] {
  const pinned = target.tags.flatMap(({ digest }) => (digest === undefined ? [] : [digest]))
  return [...new Set([...target.digests, ...pinned])]
}
