import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { Item } from '../../plan/item.js'
import type { ExposedContent, Result } from '../../plan/journal.js'
import type { Done, Intent } from '../../plan/outcome.js'
import type { Problem } from '../../plan/problem.js'
import type { Released } from '../../plan/reconsider.js'
import type { RemainingTag, Standing } from '../../plan/standing.js'
import { contentEntry, remainingEntries, reported, tagEntry } from './entries.js'
import { Marks, type Change } from './marks.js'
import { time, type ContentEntry, type RepositoryEntry, type TagEntry, type Writable } from '../report.js'
import { say } from '../words/problem.js'
import { sayTrace, sayDetail } from '../words/detail.js'

type Entry = Writable<TagEntry> | Writable<ContentEntry>

/** The journal's part for one repository: changes its entry in the report. */
export class JournalEntry {
  readonly #entry: Writable<RepositoryEntry>
  readonly #marks = new Marks<Entry>()
  readonly #warnings: readonly string[]
  readonly #told: string[] = []
  #ofSearch: readonly string[] = []
  #index: Map<string, Entry> | undefined

  constructor(entry: Writable<RepositoryEntry>) {
    this.#entry = entry
    this.#warnings = [...entry.warnings]
  }

  get name(): Repository {
    return this.#entry.name as Repository
  }

  get result(): Result {
    return this.#entry.result
  }

  /** @returns whether the result is another one now */
  end(result: Result): boolean {
    const changed = this.#entry.result !== result
    this.#entry.result = result
    return changed
  }

  problem(problem: Problem): void {
    this.#entry.problems.push(reported(problem))
  }

  warn(problem: Problem): void {
    this.#told.push(say(problem).text)
    this.#tellWarnings()
  }

  /** Replaces what an earlier search of other repositories found. */
  exposed(found: readonly ExposedContent[], warnings: readonly Problem[]): void {
    this.#entry.exposed = found.map(({ heldBy, ...content }) => ({ ...content, heldBy: [...heldBy] }))
    this.#ofSearch = warnings.map((warning) => say(warning).text)
    this.#tellWarnings()
  }

  intend(intents: readonly Intent[]): void {
    for (const { item, placeholder } of intents) {
      const entry = this.#find(item)
      if (entry !== undefined)
        this.#marks.intend(entry, placeholder === undefined ? undefined : sayTrace(placeholder))
    }
  }

  /** Marks what is intended, and the item for which a request is sent now. @returns whether anything changed */
  mark(item: Item | undefined): boolean {
    const entry = item === undefined ? undefined : this.#find(item)
    const intended = this.#apply(this.#marks.apply())
    const sent = entry !== undefined && this.#apply(this.#marks.send(entry))
    return intended || sent
  }

  /** Takes marks back. @param all also those of requests that were to be sent */
  withdraw(all = false): void {
    this.#apply(this.#marks.withdraw(all))
  }

  done({ item, outcome, via, detail, at }: Done): void {
    const entry = this.#find(item)
    if (entry === undefined) return
    this.#apply(this.#marks.settle(entry))
    entry.outcome = outcome
    if ('tag' in entry) {
      entry.via = via ?? entry.via
      entry.reason = detail === undefined ? entry.reason : sayDetail(detail)
    } else {
      if (outcome === 'deleted') entry.deletedAt ??= time(at)
      entry.detail = detail === undefined ? null : sayDetail(detail)
    }
  }

  release({ tags, manifests, blobs }: Released): void {
    const digests = new Set<string>([...manifests, ...blobs].map(({ digest }) => digest))
    for (const each of tags) this.#entry.tags.push(tagEntry(each))
    for (const each of manifests) this.#entry.manifests.push(contentEntry(each))
    for (const each of blobs) this.#entry.blobs.push(contentEntry(each))
    this.#entry.kept = this.#entry.kept.filter(({ digest }) => !digests.has(digest))
    this.#index = undefined
  }

  left(digest: Digest, heldBy: readonly Tag[]): void {
    this.#entry.kept.push({ digest, heldBy: [...heldBy] })
  }

  round(standings: readonly Standing[]): void {
    for (const { item, verdict, rounds, goneSince, goneUntil } of standings) {
      const entry = this.#find(item)
      if (entry === undefined || 'tag' in entry) continue
      entry.verdict = verdict
      entry.rounds = rounds
      entry.goneSince = goneSince === undefined ? null : time(goneSince)
      entry.goneUntil = goneUntil === undefined ? null : time(goneUntil)
    }
  }

  remaining(tags: readonly RemainingTag[]): void {
    this.#entry.remaining = remainingEntries(tags)
  }

  /** @returns whether anything is different now */
  #apply(changes: readonly Change<Entry>[]): boolean {
    let changed = false
    for (const { entry, ...change } of changes) {
      const before: Record<string, unknown> = { ...entry }
      Object.assign(entry, change)
      changed ||= Object.entries(change).some(([name, value]) => before[name] !== value)
    }
    return changed
  }

  #tellWarnings(): void {
    this.#entry.warnings = [...this.#warnings, ...this.#told, ...this.#ofSearch]
  }

  #find(item: Item): Entry | undefined {
    if (this.#index === undefined) {
      const { tags, manifests, blobs } = this.#entry
      this.#index = new Map<string, Entry>()
      for (const each of tags) this.#index.set(each.tag, each)
      for (const each of manifests) this.#index.set(each.digest, each)
      for (const each of blobs) this.#index.set(each.digest, each)
    }
    return this.#index.get(item.name)
  }
}
