import { WireError } from '../registry/errors.js'
import type { CatalogProblem, ListProblem, NoResponse } from './problem.js'

/** The tags of a repository cannot be listed. The message is for developers, `problem` is for the user. */
export class ListError extends Error {
  override readonly name: string = 'ListError'
  readonly problem: ListProblem

  constructor(problem: ListProblem) {
    super(`${problem.repository}: ${wordsOf(problem.kind)}`)
    this.problem = problem
  }
}

/** The registry does not know the repository. */
export class UnknownRepository extends ListError {
  override readonly name = 'UnknownRepository'

  /** The response may be that of a gateway in front of the registry. */
  readonly perhaps: boolean

  constructor(problem: ListProblem & { readonly kind: 'repository-unknown' }, perhaps = false) {
    super(problem)
    this.perhaps = perhaps
  }
}

/** The tag list is not up to date, even if it is requested past caches. */
export class StaleList extends ListError {
  override readonly name = 'StaleList'

  constructor(problem: ListProblem & { readonly kind: 'tag-list-stale' }) {
    super(problem)
  }
}

/** The catalog cannot be read. The message is for developers, `problem` is for the user. */
export class CatalogError extends Error {
  override readonly name = 'CatalogError'
  readonly problem: CatalogProblem

  constructor(problem: CatalogProblem) {
    super(`${problem.origin}: ${wordsOf(problem.kind)}`)
    this.problem = problem
  }
}

/** @returns the problem that the user gets for a failed read */
export function problemOf(error: ListError | WireError): ListProblem | NoResponse
export function problemOf(error: CatalogError | WireError): CatalogProblem | NoResponse
export function problemOf(error: ListError | CatalogError | WireError) {
  return error instanceof WireError
    ? ({ kind: 'no-response', message: error.message } as const)
    : error.problem
}

/** `tag-list-stale` → `tag list stale` */
function wordsOf(kind: string): string {
  return kind.replaceAll('-', ' ')
}
