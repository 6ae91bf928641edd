import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Item } from '../plan/item.js'
import type { Journal } from '../plan/journal.js'
import type { Done, KeptBecause } from '../plan/outcome.js'
import type { PlannedTag, RepositoryPlan } from '../plan/plan.js'
import { reconsider, type Released } from '../plan/reconsider.js'
import type { Right } from '../registry/auth/rights.js'
import { dialectOf } from '../registry/dialects/dialects.js'
import type { Deletions } from '../survey/check.js'
import type { Surveyor } from '../survey/surveyor.js'
import type { Facts } from '../survey/facts.js'
import type { Tools } from '../survey/tools.js'
import { Freshness, type Checks } from './freshness.js'
import { Refused } from './refused.js'

/** The tools for the purge of one repository. */
export interface PurgeTools extends Tools {
  readonly surveyor: Surveyor
  readonly journal: Journal
}

const LEAST_TIMEOUT = 120_000
const TIMEOUT_BASE = 30_000
const TIMEOUT_PER_TAG = 5

/** The purge of one repository in progress: its plan, the results so far, and the newest facts. */
export class RepositoryPurge {
  plan: RepositoryPlan
  readonly tools: PurgeTools
  readonly freshness: Freshness
  readonly done = new Map<Item['name'], Done>()
  /** Every digest in a DELETE of this run, whatever the response. */
  readonly touched = new Set<Digest>()
  /** Every digest of the purged images of the run, in any repository: never requested with HEAD. */
  readonly sensitive: ReadonlySet<Digest>
  /** The placeholders of this run. A tag that points to one is being removed. */
  readonly placeholders = new Set<Digest>()
  /** Tags whose DELETE worked although the response was an error: the registry may still list them. */
  readonly explained = new Set<Tag>()
  /** What the registry refuses to delete, and what is below it. */
  readonly refused = new Refused()
  /** Roots that could still be read by digest after their tag was deleted. */
  readonly confirmed = new Set<Digest>()
  /** The registry returned 404 for content that it had just served, so its replicas may differ. */
  differed = false
  /** The registry no longer accepts the credentials, so nothing more is sent. */
  denied = false
  /** The right that a refused DELETE lacked, if the registry's challenge told. It is the same for all items. */
  missingRight: Right | undefined
  #wrote = false

  constructor(plan: RepositoryPlan, facts: Facts, sensitive: ReadonlySet<Digest>, tools: PurgeTools) {
    this.plan = plan
    this.sensitive = sensitive
    this.tools = tools
    const checks: Checks = {
      read: (known, which, byName) => tools.surveyor.checkAgain(known, which, this.#deletions(), byName),
      judge: (now) => reconsider(this.plan, now),
    }
    this.freshness = new Freshness(facts, checks, tools.clock)
  }

  /** The newest facts about the repository. */
  get facts(): Facts {
    return this.freshness.facts
  }

  /** @returns why an item must not be deleted now, or undefined if it may be */
  forbids(item: Item): KeptBecause | undefined {
    return this.refused.forbids(item) ?? this.freshness.forbids(item)
  }

  /**
   * Whether a request may have changed something in this repository. `Journal.wrote` only means that such a request was
   * sent. If the registry refused every request, nothing was written, so the repository still counts as refused.
   */
  get wrote(): boolean {
    return this.#wrote
  }

  /**
   * Notes that a request may have changed something: a DELETE or PUT that the registry did not refuse. The requests that
   * delete a placeholder need no call, since the PUT or upload before them made one.
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

  /** Adds to the plan the items that no tag needs any more. */
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

  /** Announces to the journal that a step may delete these items. */
  intend(items: readonly Item[]): void {
    this.tools.journal.intend(
      this.plan.repository,
      items.map((item) => ({ item })),
    )
  }

  /** Records the outcome of an item, here and in the journal. */
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

  /** The items that the plan deletes, and those that are deleted already. */
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

/** A DELETE with a detail does not count: after such a response (`errors` in a 202) the registry may still list the tag. */
function wasDeletedByName(done: Done | undefined): boolean {
  return done?.outcome === 'deleted' && done.detail === undefined && dialectOf(done.via) !== undefined
}
