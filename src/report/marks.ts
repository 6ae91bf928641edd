import type { ContentEntry, TagEntry } from './report.js'

type Entry = TagEntry | ContentEntry

/** How an entry stood before it was marked. */
interface Before {
  readonly outcome: Entry['outcome']
  /** Of a tag. */
  readonly via?: TagEntry['via']
  readonly reason?: TagEntry['reason']
  /** A request for it was sent. */
  sent: boolean
}

/**
 * Marks the entries of one repository as `unknown` before a step sends anything for them, and takes back the marks of
 * those for which nothing was sent.
 */
export class Marks {
  /** What the step may send that is not marked yet, with the note for a tag that a placeholder may take. */
  readonly #pending = new Map<Entry, string | undefined>()
  readonly #marked = new Map<Entry, Before>()

  /** @param placeholder says what the tag may point to */
  intend(entry: Entry, placeholder?: string): void {
    this.#pending.set(entry, placeholder)
  }

  /** Marks all that is intended. @returns whether an entry changed */
  apply(): boolean {
    let changed = false
    for (const [entry, placeholder] of this.#pending) changed = this.#mark(entry, placeholder) || changed
    this.#pending.clear()
    return changed
  }

  /** Marks one entry for which a request is sent now. @returns whether it changed */
  send(entry: Entry): boolean {
    const changed = this.#mark(entry)
    const before = this.#marked.get(entry)
    if (before !== undefined) before.sent = true
    return changed
  }

  /** Takes the note of a mark off an entry whose outcome became known. */
  settle(entry: Entry): void {
    const before = this.#marked.get(entry)
    if (before === undefined) return
    restoreNote(entry, before)
    this.#marked.delete(entry)
  }

  /** Ends a step. @param all also what was sent: the request did not leave after all */
  withdraw(all = false): void {
    for (const [entry, before] of this.#marked)
      if (all || !before.sent) {
        entry.outcome = before.outcome
        restoreNote(entry, before)
      }
    this.#marked.clear()
    this.#pending.clear()
  }

  /**
   * What was deleted stays so when it is deleted again. A tag that a placeholder takes once more does not: until the
   * placeholder is gone, the tag is there.
   */
  #mark(entry: Entry, placeholder?: string): boolean {
    if (entry.outcome === 'deleted' && placeholder === undefined) return false
    const { outcome } = entry
    const note = 'tag' in entry ? { via: entry.via, reason: entry.reason } : {}
    if (!this.#marked.has(entry)) this.#marked.set(entry, { outcome, ...note, sent: false })
    entry.outcome = 'unknown'
    if (!('tag' in entry) || placeholder === undefined) return outcome !== 'unknown'
    const changed = outcome !== 'unknown' || entry.reason !== placeholder
    entry.via = 'placeholder'
    entry.reason = placeholder
    return changed
  }
}

function restoreNote(entry: Entry, { via, reason }: Before): void {
  if (!('tag' in entry)) return
  entry.via = via ?? null
  entry.reason = reason ?? null
}
