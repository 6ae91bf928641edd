import type { Repository } from '../oci/reference.js'
import type { Journal, Result } from '../plan/journal.js'

/** How the repositories of a run ended so far, told to the journal as well. */
export class Results {
  readonly #journal: Journal
  readonly #all = new Map<Repository, Result>()

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Takes in how a repository ended, by what is known now. */
  end(repository: Repository, result: Result): void {
    this.#all.set(repository, result)
    this.#journal.ended(result, repository)
  }

  /** How the run ended, by how its repositories did. */
  get sum(): Result {
    const has = (result: Result): boolean => [...this.#all.values()].includes(result)
    if (has('incomplete') || (has('purged') && has('refused'))) return 'incomplete'
    if (has('refused')) return 'refused'
    if (has('purged')) return 'purged'
    return has('planned') ? 'planned' : 'nothing-to-do'
  }
}
