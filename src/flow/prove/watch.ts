import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { Item } from '../../plan/item.js'
import type { Problem } from '../../plan/problem.js'
import type { ProofProblem } from '../../plan/problems/proof.js'
import type { Reconsidered } from '../../plan/reconsider.js'
import type { Round } from '../../proof/round.js'
import type { Execution } from '../../purge/execution.js'
import type { Present } from '../../purge/burst.js'
import type { Healing } from '../../purge/heal.js'
import type { RepositoryPurge } from '../../purge/repository-purge.js'
import type { Facts } from '../../survey/facts.js'

/** The items of one repository that the proof checks, without those that are kept after all. */
export class Watch {
  readonly all: readonly Item[]
  readonly problems: Problem[] = []
  /** Content that is kept, with the tags that need it now. */
  readonly left = new Map<Digest, readonly Tag[]>()
  readonly #purge: RepositoryPurge
  /** Manifests that were unknown when the plan was made. */
  readonly #unread: ReadonlySet<Digest>
  readonly #givenUp = new Set<Item['name']>()
  readonly #newcomers = new Set<Digest>()

  constructor(purge: RepositoryPurge, execution: Execution) {
    this.#purge = purge
    const { tags, manifests, blobs } = purge.plan
    this.#unread = new Set(manifests.flatMap(({ digest, gone }) => (gone ? [digest] : [])))
    this.all = [
      ...tags.map(({ tag }): Item => ({ kind: 'tag', name: tag })),
      ...manifests.map(({ digest }): Item => ({ kind: 'manifest', name: digest })),
      ...blobs.map(({ digest }): Item => ({ kind: 'blob', name: digest })),
    ]
    for (const [digest, tags] of execution.left) this.#leave(digest, tags)
    for (const { name } of this.all) {
      const outcome = purge.done.get(name)?.outcome ?? 'kept'
      if (outcome === 'kept' || purge.refused.has(name)) this.#givenUp.add(name)
    }
    for (const { tag, root } of tags)
      if (purge.done.get(tag)?.outcome === 'with-manifest' && this.#givenUp.has(root)) this.#givenUp.add(tag)
  }

  /** The items to prove gone. */
  get items(): Item[] {
    return this.all.filter(({ name }) => !this.#givenUp.has(name))
  }

  /** Whether no item was given up, and nothing was attached to a purged manifest during the run. */
  get complete(): boolean {
    return this.#givenUp.size === 0 && this.#newcomers.size === 0
  }

  /** @returns the items that are still served and can be deleted again */
  stillThere({ findings }: Round): Present[] {
    return this.items.flatMap((item): Present[] => {
      const finding = findings.get(item.name)
      if (finding?.is !== 'present') return []
      if (item.kind === 'manifest' && this.#unread.has(item.name) && finding.endpoint === 'manifests') {
        this.#givenUp.add(item.name)
        this.#report({ kind: 'unknown-root-answers', ...this.#where, digest: item.name })
        return []
      }
      return [{ item, endpoint: finding.endpoint }]
    })
  }

  /** Adds the items that a burst of DELETEs kept, and its problems. */
  addHealing({ left, movedTags, problems }: Healing): void {
    this.problems.push(...problems)
    this.#leaveAll(left)
    for (const [tag, digest] of movedTags) {
      if (this.#givenUp.has(tag)) continue
      this.#givenUp.add(tag)
      this.#report({ kind: 'tag-pushed-again', ...this.#where, tag, digest })
    }
  }

  /**
   * Adds the results of the last check of the remaining tags: content that tags need now, and content that was attached to
   * a purged manifest during the run. Purged tags that resolve need nothing here: after a round they are deleted again,
   * unless somebody pushed them.
   *
   * @returns the content that tags need now
   */
  addNeeded({ left, newcomers }: Reconsidered): Item['name'][] {
    this.#leaveAll(left)
    for (const newcomer of newcomers) {
      if (this.#newcomers.has(newcomer.digest)) continue
      this.#newcomers.add(newcomer.digest)
      this.#report({ kind: 'newcomer-left', ...this.#where, ...newcomer })
    }
    return [...left.keys()]
  }

  /** @returns purged tags that still point to a placeholder of this run */
  onPlaceholders({ tags }: Facts): Extract<ProofProblem, { kind: 'placeholder-stays' }>[] {
    const { plan, placeholders } = this.#purge
    return plan.tags.flatMap(({ tag }) => {
      const state = tags.get(tag)
      if (state?.is !== 'resolved' || !placeholders.has(state.digest) || this.#givenUp.has(tag)) return []
      return [{ kind: 'placeholder-stays', ...this.#where, tag, placeholder: state.digest }]
    })
  }

  get #where(): Pick<ProofProblem, 'repository'> {
    return { repository: this.#purge.plan.repository }
  }

  #report(problem: ProofProblem): void {
    this.problems.push(problem)
  }

  #leaveAll(left: ReadonlyMap<Digest, readonly Tag[]>): void {
    for (const [digest, tags] of left) if (!this.#givenUp.has(digest)) this.#leave(digest, tags)
  }

  #leave(digest: Digest, tags: readonly Tag[]): void {
    this.#givenUp.add(digest)
    this.left.set(digest, tags)
    const deleted = this.#purge.done.get(digest)?.outcome === 'deleted'
    this.#report({ kind: deleted ? 'deleted-too-early' : 'left-for-tags', ...this.#where, digest, tags })
  }
}
