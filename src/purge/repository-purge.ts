import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Item } from '../plan/item.js'
import type { Journal } from '../plan/journal.js'
import type { Done } from '../plan/outcome.js'
import type { PlannedTag, RepositoryPlan } from '../plan/plan.js'
import { reconsider, type Released } from '../plan/reconsider.js'
import { dialectOf } from '../registry/dialects/dialects.js'
import type { Deletions } from '../survey/check.js'
import type { Surveyor } from '../survey/surveyor.js'
import type { Facts } from '../survey/facts.js'
import type { Tools } from '../survey/tools.js'
import { Freshness, type Checks } from './freshness.js'

/** What the purge of one repository needs. */
export interface PurgeTools extends Tools {
  readonly surveyor: Surveyor
  readonly journal: Journal
}

const LEAST_TIMEOUT = 120_000
const TIMEOUT_BASE = 30_000
const TIMEOUT_PER_TAG = 5

/** The purge of one repository in progress: its plan, what was done so far, and what is known now. */
export class RepositoryPurge {
  plan: RepositoryPlan
  readonly tools: PurgeTools
  readonly freshness: Freshness
  readonly done = new Map<Item['name'], Done>()
  /** Every digest that a DELETE of this run named, whatever the response. */
  readonly touched = new Set<Digest>()
  /** Every digest of the purged images of the run, in any repository: never asked for with HEAD. */
  readonly sensitive: ReadonlySet<Digest>
  /** The placeholders of this run: a tag that points to one is still on its way out. */
  readonly placeholders = new Set<Digest>()
  /** Tags whose DELETE worked although the response was an error: the registry may go on listing them. */
  readonly explained = new Set<Tag>()
  /** Roots that could still be read by digest after their tag was deleted. */
  readonly confirmed = new Set<Digest>()
  /** The registry returned 404 for what it served a moment before, so its replicas may differ. */
  differed = false
  /** The registry no longer accepts the credentials, so nothing more is sent. */
  denied = false
  #wrote = false

  constructor(plan: RepositoryPlan, facts: Facts, sensitive: ReadonlySet<Digest>, tools: PurgeTools) {
    this.plan = plan
    this.sensitive = sensitive
    this.tools = tools
    const checks: Checks = {
      read: (known, which, asked) => tools.surveyor.checkAgain(known, which, this.#deletions(), asked),
      judge: (now) => reconsider(this.plan, now),
    }
    this.freshness = new Freshness(facts, checks, tools.clock)
  }

  /** What is known of the repository now. */
  get facts(): Facts {
    return this.freshness.facts
  }

  /**
   * Whether a request may have changed something in this repository. `Journal.wrote` asks less: whether one was sent. A
   * purge whose requests were all refused has sent some and written nothing, so its repository still counts as refused.
   */
  get wrote(): boolean {
    return this.#wrote
  }

  /**
   * Notes that a request may have changed something: a DELETE or PUT that the registry did not refuse. The requests that
   * take a placeholder away again need no call. The PUT or upload before them made one, and without either there is
   * nothing that they could delete.
   */
  mayHaveWritten(): void {
    this.#wrote = true
  }

  /**
   * Milliseconds that a DELETE may take. Distribution reads every tag of the repository for one: some seconds for
   * 100,000 tags on a local disk, more on an object store.
   */
  get timeout(): number {
    return Math.max(LEAST_TIMEOUT, TIMEOUT_BASE + TIMEOUT_PER_TAG * this.facts.listed.length)
  }

  /** Adds to the plan what no tag needs any more. */
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

  /** Tells the journal that a step may delete these items. */
  intend(items: readonly Item[]): void {
    this.tools.journal.intend(
      this.plan.repository,
      items.map((item) => ({ item })),
    )
  }

  /** Records what became of an item, and tells the journal. */
  record(done: Omit<Done, 'at'>): void {
    const whole = { ...done, at: this.tools.clock.now() }
    this.done.set(done.item.name, whole)
    if (done.outcome === 'deleted' || done.outcome === 'unknown') this.mayHaveWritten()
    this.tools.journal.done(this.plan.repository, whole)
  }

  /** Once everything is proven gone, records labels as deleted whatever the response to their DELETE was. */
  confirmLabels(): void {
    for (const { item, outcome, via } of [...this.done.values()]) {
      if (item.kind !== 'tag' || (outcome !== 'failed' && outcome !== 'unknown')) continue
      const way = via ?? this.plan.way
      this.record({ item, outcome: 'deleted', ...(way !== undefined && { via: way }) })
    }
  }

  /** What the plan deletes, and what of it is deleted by now. */
  #deletions(): Deletions {
    const tags = this.plan.tags.map(({ tag }) => tag)
    const removed = tags.filter((tag) => this.done.get(tag)?.outcome === 'deleted')
    const untagged = new Set(removed.filter((tag) => wasDeletedByName(this.done.get(tag))))
    const dropped = tags.filter((tag) => {
      const outcome = this.done.get(tag)?.outcome
      return outcome === 'with-manifest' || (outcome === 'deleted' && !untagged.has(tag))
    })
    const hasDetail = ({ tag, root }: PlannedTag): boolean =>
      this.done.get(tag)?.detail !== undefined || this.done.get(root)?.detail !== undefined
    return {
      tags: new Set(tags),
      removed: new Set(removed),
      untagged,
      dropped: new Set(dropped),
      explained: new Set([...this.explained, ...this.plan.tags.filter(hasDetail).map(({ tag }) => tag)]),
      manifests: new Set(this.plan.manifests.map(({ digest }) => digest)),
    }
  }
}

/** A registry that says more than that it worked, such as `errors` in a 202, may have left the tag on its list. */
function wasDeletedByName(done: Done | undefined): boolean {
  return done?.outcome === 'deleted' && done.detail === undefined && dialectOf(done.via) !== undefined
}
