import { reach } from '../oci/graph.js'
import type { Item } from '../plan/item.js'
import type { KeptBecause } from '../plan/outcome.js'
import type { RepositoryPlan } from '../plan/plan.js'
import type { Facts } from '../survey/facts.js'

/**
 * The tags and manifests that the registry refuses to delete, such as locked ones. Nothing below them is deleted: the
 * registry keeps serving them, and would serve a broken image.
 */
export class Refused {
  readonly #items = new Map<Item['name'], Item>()
  /** What is below them, each with the item above it. */
  readonly #below = new Map<Item['name'], Item>()

  /**
   * Adds an item that the registry refuses to delete.
   *
   * @param plan says to which manifest a tag points
   * @param facts the manifests below it
   */
  add(item: Item, plan: Pick<RepositoryPlan, 'tags'>, facts: Facts): void {
    this.#items.set(item.name, item)
    if (item.kind === 'blob') return
    const root = item.kind === 'tag' ? plan.tags.find(({ tag }) => tag === item.name)?.digest : item.name
    if (root === undefined) return
    // What is attached to a tag's image goes with that image, so it stays with it. What refers to a manifest was deleted before it.
    const { manifests, blobs } = reach([root], facts, item.kind === 'tag')
    for (const digest of [...manifests, ...blobs])
      if (digest !== item.name && !this.#below.has(digest)) this.#below.set(digest, item)
  }

  /** The registry deleted the item after all. */
  remove(item: Item): void {
    if (!this.#items.delete(item.name)) return
    for (const [digest, above] of this.#below) if (above.name === item.name) this.#below.delete(digest)
  }

  /** @returns whether the registry refuses to delete this item */
  has(name: Item['name']): boolean {
    return this.#items.has(name)
  }

  /** @returns why this item must not be deleted now, or undefined */
  forbids({ name }: Item): (KeptBecause & { readonly is: 'above-refused' }) | undefined {
    const above = this.#below.get(name)
    return above === undefined ? undefined : { is: 'above-refused', above }
  }

  /** @returns how many manifests and blobs of the plan stay because of this item */
  countBelow(item: Item, { manifests, blobs }: Pick<RepositoryPlan, 'manifests' | 'blobs'>): number {
    return [...manifests, ...blobs].filter(({ digest }) => this.#below.get(digest)?.name === item.name).length
  }
}
