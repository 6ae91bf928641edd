import type { Settings } from '../config/settings.js'
import type { Repository } from '../oci/reference.js'
import type { Journal } from '../plan/journal.js'
import type { RepositoryPlan } from '../plan/plan.js'
import type { Problem } from '../plan/problem.js'
import { attempt } from '../registry/attempt.js'
import { describe, WireError } from '../registry/errors.js'
import { count } from '../report/text.js'
import { CatalogError, problemOf } from '../survey/errors.js'
import { listRepositories } from '../survey/lists/catalog.js'
import { search, type Found, type Wanted } from '../survey/search.js'
import type { Tools } from '../survey/tools.js'

/** The repositories to search, and the problems with their names. */
interface Places {
  readonly repositories: readonly Repository[]
  readonly unclear: readonly Problem[]
}

/**
 * Searches other repositories for content that is purged or kept: a layer that was mounted elsewhere is still served
 * there when the purged repository returns 404.
 */
export class Search {
  readonly #settings: Settings
  readonly #tools: Tools
  readonly #journal: Journal
  #places: Places | undefined

  constructor(settings: Settings, tools: Tools, journal: Journal) {
    this.#settings = settings
    this.#tools = tools
    this.#journal = journal
  }

  /**
   * Searches, and reports the result to the journal. It replaces the result of an earlier search.
   *
   * @param plans the plans of the repositories that are purged
   * @param purging the repositories in which purged content is not searched for, because the proof covers it
   * @returns whether `on-exposure: fail` refuses the run
   * @throws Stopped
   */
  async forbids(
    plans: readonly RepositoryPlan[],
    purging: ReadonlySet<Repository> = new Set(plans.map(({ repository }) => repository)),
  ): Promise<boolean> {
    const { searched, scope, onExposure } = this.#settings
    if (searched.length === 0) return false
    if (scope === 'tag') {
      this.#journal.note('search-repositories: `scope: tag` deletes no content, so nothing was searched')
      return false
    }
    this.#places ??= await this.#resolve()
    let forbids = false
    for (const plan of plans) {
      const { found, problems } = await this.#search(plan, plans, purging)
      const strict = onExposure === 'fail'
      this.#journal.exposed(
        plan.repository,
        found.map(({ repository, digest, heldBy }) => ({
          repository,
          digest,
          heldBy: heldBy.map(({ tag }) => tag),
        })),
        strict ? [] : problems,
      )
      if (!strict) continue
      for (const about of problems) this.#journal.problem({ kind: 'on-exposure', about })
      forbids ||= problems.length > 0
    }
    return forbids
  }

  /** Resolves globs. Warns about a glob that matches nothing, since nothing would be searched for it. */
  async #resolve(): Promise<Places> {
    const repositories = new Set<Repository>()
    const unclear: Problem[] = []
    let catalog: readonly Repository[] | undefined
    for (const entry of this.#settings.searched) {
      if ('name' in entry) {
        repositories.add(entry.name)
        unclear.push(...(await this.#doubtsAbout(entry.name)))
        continue
      }
      const glob = entry.glob.text
      try {
        catalog ??= await listRepositories(this.#tools.client)
      } catch (error) {
        if (!(error instanceof CatalogError || error instanceof WireError)) throw error
        unclear.push({ kind: 'not-searched', glob, about: problemOf(error) })
        continue
      }
      const matching = catalog.filter((name) => entry.glob.matches(name))
      if (matching.length === 0) unclear.push({ kind: 'searched-glob-matches-nothing', glob })
      for (const name of matching) repositories.add(name)
    }
    return { repositories: [...repositories], unclear }
  }

  /** @returns a warning if a repository that is named without a glob may be misspelt */
  async #doubtsAbout(repository: Repository): Promise<Problem[]> {
    const { client } = this.#tools
    const page = await attempt(client.tagPage(repository, undefined, { purpose: 'list-tags' }))
    if (page instanceof WireError)
      return [{ kind: 'searched-repository-unlisted', repository, why: page.message, answered: false }]
    if (page.status === 200) return []
    return [{ kind: 'searched-repository-unlisted', repository, why: describe(page), answered: true }]
  }

  async #search(
    plan: RepositoryPlan,
    plans: readonly RepositoryPlan[],
    purging: ReadonlySet<Repository>,
  ): Promise<{ found: readonly Found[]; problems: readonly Problem[] }> {
    const { repositories = [], unclear = [] } = this.#places ?? {}
    const found: Found[] = []
    const problems: Problem[] = [...unclear]
    const wanted: Wanted[] = [
      ...plan.manifests.map(({ digest }): Wanted => ({ digest, kind: 'manifest' })),
      ...plan.blobs.map(({ digest }): Wanted => ({ digest, kind: 'blob' })),
      ...plan.kept.map(({ digest, kind }): Wanted => ({ digest, kind })),
    ]
    const others = repositories.filter((name) => name !== plan.repository)
    for (const name of others) {
      // If this run purges the same content there as well, the proof of that repository covers it.
      const own = plans.find(({ repository }) => repository === name && purging.has(repository))
      const deleted = new Set([...(own?.manifests ?? []), ...(own?.blobs ?? [])].map(({ digest }) => digest))
      const open = wanted.filter(({ digest }) => !deleted.has(digest))
      const result = await search(this.#tools, name, open)
      found.push(...result.found)
      problems.push(...result.problems)
    }
    const places = count(others.length, 'other repository', 'other repositories')
    this.#journal.note(
      `${plan.repository}: searched ${places} for ${count(wanted.length, 'digest')}, ${found.length} found`,
    )
    if (found.length > 0) {
      const kept = plan.kept.map(({ digest }) => digest)
      problems.push({ kind: 'exposed', repository: plan.repository, found, kept })
    }
    return { found, problems }
  }
}
