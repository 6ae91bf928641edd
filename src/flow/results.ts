import type { Repository } from '../oci/reference.js'
import type { Journal, Result } from '../plan/journal.js'

/** The results of the repositories of a run so far. Reports each to the journal. */
export class Results {
  readonly #journal: Journal
  readonly #all = new Map<Repository, Result>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Sets the result of a repository. A later call replaces it. */
  end(repository: Repository, result: Result): void {
    this.#all.set(repository, result)
    this.#journal.ended(result, repository)
  }

  /** The result of the run, by the results of its repositories. */
  get sum(): Result {
    const has = (result: Result): boolean => [...this.#all.values()].includes(result)
    if (has('incomplete') || (has('purged') && has('refused'))) return 'incomplete'
    if (has('refused')) return 'refused'
    if (has('purged')) return 'purged'
    return has('planned') ? 'planned' : 'nothing-to-do'
  }
}
