import type { RemainingVerdict, Verdict } from '../plan/standing.js'
import type { Outcome, Via } from '../plan/outcome.js'
import type { Result } from '../plan/journal.js'
import type { ProblemKind } from '../plan/problem.js'

/** The run that a report comes from. */
export interface Run {
  readonly repository: string
  readonly workflow: string
  readonly url: string
  readonly attempt: number
  readonly actor: string
  readonly event: string
  readonly commit: string
  readonly actionVersion: string
}

/** A problem as the file has it. */
export interface ReportedProblem {
  readonly kind: ProblemKind
  /** What happened, to what, and what to do now. */
  readonly text: string
  /** What it is about: inputs, repositories, `repository:tag`, `repository@digest`. */
  readonly items: readonly string[]
}

/** A tag. */
export interface TagEntry {
  readonly tag: string
  readonly digest: string | null
  readonly outcome: Outcome | 'planned'
  readonly via: Via | null
  /** Only the label is deleted: its manifest stays, with all that it needs. */
  readonly onlyLabel: boolean
  /** Why it stays, or why only the label is deleted, if the tag was selected by a pattern. Else what the registry said. */
  readonly reason: string | null
  /** In a cleanup, as far as it was asked for: when its image was created. */
  readonly created?: string | null
  /** In a cleanup: bytes of its image. */
  readonly size?: number | null
}

/** A manifest or blob. */
export interface ContentEntry {
  readonly digest: string
  readonly mediaType: string
  readonly size: number | null
  readonly outcome: Outcome | 'planned'
  readonly verdict: Verdict
  readonly deletedAt: string | null
  readonly goneSince: string | null
  readonly goneUntil: string | null
  /** Consecutive rounds in which it was gone, up to the last. */
  readonly rounds: number
  /** What the registry said, if that says more than the outcome. */
  readonly detail: string | null
}

/** A tag that was to stay. */
export interface RemainingEntry {
  readonly tag: string
  readonly digest: string | null
  readonly verdict: RemainingVerdict
  readonly detail: string | null
}

/** One repository's part of the report. */
export interface RepositoryEntry {
  readonly name: string
  readonly result: Result
  readonly problems: readonly ReportedProblem[]
  readonly warnings: readonly string[]
  readonly tags: readonly TagEntry[]
  readonly manifests: readonly ContentEntry[]
  readonly blobs: readonly ContentEntry[]
  readonly kept: readonly { readonly digest: string; readonly heldBy: readonly string[] }[]
  readonly exposed: readonly {
    readonly repository: string
    readonly digest: string
    readonly heldBy: readonly string[]
  }[]
  readonly remaining: readonly RemainingEntry[]
}

/** What a job matrix is made of. */
export interface Matrix {
  readonly include: readonly {
    /** One a line. */
    readonly repositories: string
    readonly fingerprint: string
  }[]
}

/** One value from which log, summary, outputs and file are rendered. Its form is schemas/report.schema.json. */
export interface Report {
  readonly schema: 1
  readonly result: Result
  readonly registry: string | null
  readonly fingerprint: string | null
  readonly startedAt: string
  /** null while the run goes on: then `result` is what it would be if the run were cut off now. */
  readonly endedAt: string | null
  readonly reason: string | null
  readonly run: Run
  readonly inputs: Readonly<Record<string, string>>
  readonly repositories: readonly RepositoryEntry[]
  readonly requests: Readonly<Partial<Record<string, number>>>
  /** After the dry run of a cleanup. */
  readonly matrix?: Matrix
  readonly problems: readonly ReportedProblem[]
  readonly warnings: readonly string[]
}

/** What a report is begun with. */
export interface Beginning {
  /** Milliseconds since the epoch. */
  readonly started: number
  /** The text of every input in force, without secrets. */
  readonly shown: Readonly<Record<string, string>>
  readonly reason?: string
  readonly run: Run
}

/** @returns a report before anything happened: cut off now, the run would have refused */
export function emptyReport({ started, shown, reason, run }: Beginning): Report {
  return {
    schema: 1,
    result: 'refused',
    registry: shown['registry'] ?? null,
    fingerprint: null,
    startedAt: time(started),
    endedAt: null,
    reason: reason ?? null,
    run,
    inputs: shown,
    repositories: [],
    requests: {},
    problems: [],
    warnings: [],
  }
}

/** Whether the run deletes labels only, as `scope: tag` asks: no content is deleted. */
export function isLabelsOnly({ inputs }: Report): boolean {
  return inputs['scope'] === 'tag'
}

/** @returns a time in the form of RFC 3339. */
export function time(ms: number): string {
  return new Date(ms).toISOString()
}

/** A value of which everything can be changed. Only the journal has the report as one. */
export type Writable<T> = T extends readonly (infer E)[]
  ? Writable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Writable<T[K]> }
    : T
