import type { Item } from '../../plan/item.js'
import type { Detail } from '../../plan/outcome.js'
import { byName, nextStep, STANDARD } from '../../registry/dialects/dialects.js'
import { describe } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import type { RepositoryPurge } from '../repository-purge.js'

/** Steps of one DELETE, at most. The one registry that deletes in steps looks at 1,000 tags and digests in each. */
export const MOST_STEPS = 1_000

/** What the caller does after a step. */
export type AfterStep =
  /** Check the item again like before any DELETE, then send the next step. */
  { readonly is: 'goes-on' } | { readonly is: 'stuck'; readonly detail: Detail }

/**
 * The steps of one DELETE, for a registry that spreads it over several requests. Each step is a write of its own, so the
 * caller judges each response, and the item passes the checks before each step again.
 */
export class Steps {
  readonly #purge: RepositoryPurge
  readonly #item: Item
  readonly #taken = new Set<string>()
  /** The query of the next step; undefined for the first one. */
  query: string | undefined

  /** @param item the item in the DELETE */
  constructor(purge: RepositoryPurge, item: Item) {
    this.#purge = purge
    this.#item = item
  }

  /** Whether an earlier step was accepted. Then content may be gone already, because of this DELETE. */
  get begun(): boolean {
    return this.#taken.size > 0
  }

  /** @returns undefined if the response is final */
  after(response: Response): AfterStep | undefined {
    const { client } = this.#purge.tools
    const { repository, way } = this.#purge.plan
    const { kind, name } = this.#item
    if (kind === 'blob' || (kind === 'tag' && byName(way) !== STANDARD)) return undefined
    const step = nextStep(response, new URL(`/v2/${repository}/manifests/${name}`, client.origin))
    if (step === undefined) return undefined
    // Even if the DELETE cannot go on, this step may have deleted tags.
    this.#purge.mayHaveWritten()
    const stuck = (why: Extract<Detail, { is: 'stuck' }>['why']): AfterStep => ({
      is: 'stuck',
      detail: { is: 'stuck', answered: describe(response), why },
    })
    if (step.is === 'stuck') return stuck(step.why)
    if (this.#taken.has(step.query)) return stuck('circle')
    if (this.#taken.size === MOST_STEPS) return stuck('too-many')
    this.#taken.add(step.query)
    this.query = step.query
    return { is: 'goes-on' }
  }
}
