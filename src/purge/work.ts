import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Item } from '../plan/item.js'
import type { PlannedTag, RepositoryPlan } from '../plan/plan.js'
import { reconsider, type Reconsidered, type Released } from '../plan/reconsider.js'
import type { Surveyor, Which } from '../survey/collect.js'
import type { Facts } from '../survey/facts.js'
import type { Done } from '../plan/outcome.js'
import type { Journal } from '../plan/journal.js'
import type { Tools } from '../survey/tools.js'

/** What a purge of one repository works with. */
export interface PurgeTools extends Tools {
  readonly surveyor: Surveyor
  readonly journal: Journal
}

const LEAST_TIMEOUT = 120_000
const TIMEOUT_BASE = 30_000
const TIMEOUT_A_TAG = 5
/** So many tags are read again in the blink of an eye. */
const FEW = 100

/** One repository's purge under way: its plan, what is known, and what was done so far. */
export class Work {
  plan: RepositoryPlan
  readonly tools: PurgeTools
  readonly done = new Map<Item['name'], Done>()
  /** Every digest that a DELETE of this run named, whatever came of it. */
  readonly touched = new Set<Digest>()
  /** Every digest of the purged images of the run, in whatever repository: never asked for with HEAD. */
  readonly sensitive: ReadonlySet<Digest>
  /** Manifests of this run that hold nothing: a tag on one is still on its way out. */
  readonly placeholders = new Set<Digest>()
  /** Tags that a DELETE took away which the registry answered with an error: it may go on listing them. */
  readonly explained = new Set<Tag>()
  /** A request may have changed something. */
  wrote = false
  /** Roots that answered by digest when their tag was gone. */
  readonly confirmed = new Set<Digest>()
  /** What was read a moment before was answered as unknown, so the registry's replicas may differ. */
  differed = false
  /** The registry takes the credentials no more: nothing further is tried. */
  denied = false
  facts: Facts
  /** When the newest look at tags that were known began, milliseconds since the epoch. */
  lookedAt = -Infinity
  /** When the newest look of any kind began, and when it was over. */
  #listed = { begun: -Infinity, ended: -Infinity }
  /** When something last waited for the registry's patience. */
  waitedAt = -Infinity
  /** What the newest look showed. */
  latest: Reconsidered | undefined
  #looking:
    { readonly which: Which; readonly begun: number; readonly seen: Promise<Reconsidered> } | undefined

  constructor(plan: RepositoryPlan, facts: Facts, sensitive: ReadonlySet<Digest>, tools: PurgeTools) {
    this.plan = plan
    this.facts = facts
    this.sensitive = sensitive
    this.tools = tools
  }

  /**
   * Milliseconds that a DELETE may take: distribution reads every tag of the repository for one, some seconds at
   * 100,000 tags on a local disk and more on an object store.
   */
  get timeout(): number {
    return Math.max(LEAST_TIMEOUT, TIMEOUT_BASE + TIMEOUT_A_TAG * this.facts.listed.length)
  }

  /** Takes over that more goes than was planned: from now on it is looked after like all that goes. */
  release(released: Released): void {
    const { tags, manifests, blobs } = released
    if (tags.length + manifests.length + blobs.length === 0) return
    const digests = new Set([...manifests, ...blobs].map(({ digest }) => digest))
    const labels = new Set(tags.map(({ tag }) => tag))
    this.plan = {
      ...this.plan,
      tags: [...this.plan.tags, ...tags],
      manifests: [...this.plan.manifests, ...manifests],
      blobs: [...this.plan.blobs, ...blobs],
      kept: this.plan.kept.filter(({ digest }) => !digests.has(digest)),
      remaining: this.plan.remaining.filter(({ tag }) => !labels.has(tag)),
    }
    this.tools.journal.release(this.plan.repository, released)
  }

  /** Tells the journal and keeps it. */
  record(done: Omit<Done, 'at'>): Done {
    const whole = { ...done, at: this.tools.clock.now() }
    this.done.set(done.item.name, whole)
    if (done.outcome === 'deleted' || done.outcome === 'unknown') this.wrote = true
    this.tools.journal.done(this.plan.repository, whole)
    return whole
  }

  /** All is proven gone: whatever was answered to the DELETE of a label, it is removed. */
  settleLabels(): void {
    for (const { item, outcome, via } of [...this.done.values()]) {
      if (item.kind !== 'tag' || (outcome !== 'failed' && outcome !== 'unknown')) continue
      const way = via ?? this.plan.way
      this.record({ item, outcome: 'deleted', ...(way !== undefined && { via: way }) })
    }
  }

  /**
   * Lists anew, reads the tags, and asks whether the plan still holds.
   *
   * @param asked tags that are read in any case: one that goes and answers may stand in no list
   * @throws ListError, WireError, Stopped
   */
  async lookAgain(which: Which, asked: readonly Tag[] = []): Promise<Reconsidered> {
    const tags = this.plan.tags.map(({ tag }) => tag)
    const removed = tags.filter((tag) => this.done.get(tag)?.outcome === 'deleted')
    const untagged = new Set(removed.filter((tag) => wasDeletedByName(this.done.get(tag))))
    const dropped = tags.filter((tag) => {
      const outcome = this.done.get(tag)?.outcome
      return outcome === 'with-manifest' || (outcome === 'deleted' && !untagged.has(tag))
    })
    const said = ({ tag, root }: PlannedTag): boolean =>
      this.done.get(tag)?.detail !== undefined || this.done.get(root)?.detail !== undefined
    const going = {
      tags: new Set(tags),
      removed: new Set(removed),
      untagged,
      dropped: new Set(dropped),
      explained: new Set([...this.explained, ...this.plan.tags.filter(said).map(({ tag }) => tag)]),
      manifests: new Set(this.plan.manifests.map(({ digest }) => digest)),
    }
    const begun = this.tools.clock.now()
    this.facts = await this.tools.surveyor.look(this.facts, which, going, asked)
    this.latest = reconsider(this.plan, this.facts)
    this.#listed = { begun, ended: this.tools.clock.now() }
    if (which !== 'new') this.lookedAt = begun
    return this.latest
  }

  /**
   * What a look shows that began at this moment or later: the newest one, one under way, or a new one. So what waited
   * together looks together.
   *
   * @throws ListError, WireError, Stopped
   */
  async lookedSince(moment: number): Promise<Reconsidered> {
    for (;;) {
      if (this.latest !== undefined && this.lookedAt >= moment) return this.latest
      if (this.#looking === undefined) {
        void this.#begin('all').catch(() => undefined)
        continue
      }
      const { which, begun, seen } = this.#looking
      if (which === 'all' && begun >= moment) return seen
      await seen.catch(() => undefined)
    }
  }

  /**
   * Sees to it that tags which came in the meantime are known where the newest look is not of just now; where there are
   * few, also those that moved. What goes at the same time looks together, and nobody looks twice for the same moment.
   *
   * @param age milliseconds that a look may be old
   * @throws ListError, WireError, Stopped
   */
  async lookedWithin(age: number): Promise<void> {
    const oldest = this.tools.clock.now() - age
    while (this.newestLook < oldest) {
      if (this.#looking === undefined) {
        await this.#begin(this.#few ? 'all' : 'new')
      } else await this.#looking.seen.catch(() => undefined)
    }
  }

  /** Begins a look that others may wait for as well. */
  #begin(which: Which): Promise<Reconsidered> {
    const seen = this.lookAgain(which).finally(() => (this.#looking = undefined))
    this.#looking = { which, begun: this.tools.clock.now(), seen }
    return seen
  }

  /**
   * The moment for which the newest look stands, milliseconds since the epoch. One that reads every tag stands for its
   * end: to read them all once more takes as long, and would be no fresher.
   */
  get newestLook(): number {
    return this.#few ? this.#listed.ended : this.#listed.begun
  }

  get #few(): boolean {
    return this.facts.listed.length <= FEW
  }

  /** Why the newest look forbids to delete something, or undefined. */
  forbids(item: Item): string | undefined {
    if (this.latest === undefined) return undefined
    const { left, moved, unsure } = this.latest
    if (item.kind === 'tag') {
      const now = moved.find(({ tag }) => tag === item.name)
      return now === undefined ? undefined : `it points at ${now.digest} now, which somebody else pushed`
    }
    const holders = left.get(item.name)
    return holders === undefined ? unsure[0] : `needed by ${holders.join(', ')} now`
  }
}

/** A registry that says more than that it worked, such as `errors` in a 202, may have left the tag on its list. */
function wasDeletedByName(done: Done | undefined): boolean {
  return (
    done?.outcome === 'deleted' && done.detail === undefined && (done.via === 'tag' || done.via === 'gitlab')
  )
}
