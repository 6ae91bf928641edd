import type { ContentEntry, TagEntry } from '../report.js'

type Outcome = TagEntry['outcome']

/** What changes in an entry. */
export interface Change<E> {
  readonly entry: E
  readonly outcome?: Outcome
  /** Of a tag. */
  readonly via?: TagEntry['via']
  readonly reason?: TagEntry['reason']
}

/** How an entry was before it was marked. */
interface Before<E> extends Change<E> {
  /** A request for it was sent. */
  sent: boolean
}

/**
 * Tells which entries of one repository are to be marked as `unknown` before a step sends anything for them, and which
 * marks to take back because nothing was sent. It changes nothing itself.
 */
export class Marks<E extends TagEntry | ContentEntry> {
  /** What the step may send that is not marked yet, with the note for a tag that a placeholder may take. */
  readonly #pending = new Map<E, string | undefined>()
  readonly #marked = new Map<E, Before<E>>()

  /** @param placeholder says what the tag may point to */
  intend(entry: E, placeholder?: string): void {
    this.#pending.set(entry, placeholder)
  }

  /** Marks all that is intended. */
  apply(): Change<E>[] {
    const changes = [...this.#pending].flatMap(([entry, placeholder]) => this.#mark(entry, placeholder))
    this.#pending.clear()
    return changes
  }

  /** Marks one entry for which a request is sent now. */
  send(entry: E): Change<E>[] {
    const changes = this.#mark(entry)
    const before = this.#marked.get(entry)
    if (before !== undefined) before.sent = true
    return changes
  }

  /** Takes the note of a mark off an entry whose outcome became known. */
  settle(entry: E): Change<E>[] {
    const before = this.#marked.get(entry)
    if (before === undefined) return []
    this.#marked.delete(entry)
    return [{ entry, ...noteOf(before) }]
  }

  /** Ends a step. @param all also what was sent: the request did not leave after all */
  withdraw(all = false): Change<E>[] {
    const changes = [...this.#marked.values()].flatMap(({ sent, ...before }) =>
      all || !sent ? [before] : [],
    )
    this.#marked.clear()
    this.#pending.clear()
    return changes
  }

  /**
   * What was deleted stays so when it is deleted again. A tag that a placeholder takes once more does not: until the
   * placeholder is deleted, the tag is there.
   */
  #mark(entry: E, placeholder?: string): Change<E>[] {
    const { outcome } = entry
    if (outcome === 'deleted' && placeholder === undefined) return []
    if (!this.#marked.has(entry)) {
      const note = 'tag' in entry ? noteOf(entry) : {}
      this.#marked.set(entry, { entry, outcome, ...note, sent: false })
    }
    const isNoted = 'tag' in entry && placeholder !== undefined
    return [{ entry, outcome: 'unknown', ...(isNoted && { via: 'placeholder', reason: placeholder }) }]
  }
}

type Note = Pick<Change<unknown>, 'via' | 'reason'>

function noteOf({ via, reason }: Note): Note {
  return { ...(via !== undefined && { via }), ...(reason !== undefined && { reason }) }
}
