import type { Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { RemainingTag, RemainingVerdict, Verdict } from '../plan/standing.js'
import type { Plan, PlannedContent, PlannedTag, RepositoryPlan, Selection } from '../plan/plan.js'
import type { Outcome, Via } from '../plan/outcome.js'

/** How a run, or one repository's part of it, ended. */
export type Result = 'purged' | 'planned' | 'nothing-to-do' | 'refused' | 'incomplete' | 'cancelled'

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

export interface TagEntry {
  readonly tag: string
  readonly digest: string | null
  outcome: Outcome | 'planned'
  via: Via | null
  /** In a cleanup: why it stays, or why only the label goes. Else what the registry said. */
  reason: string | null
  /** In a cleanup, as far as it was asked for: when its image was created. */
  readonly created?: string | null
  /** In a cleanup: bytes of its image. */
  readonly size?: number | null
}

export interface ContentEntry {
  readonly digest: string
  mediaType: string
  readonly size: number | null
  outcome: Outcome | 'planned'
  verdict: Verdict
  deletedAt: string | null
  goneSince: string | null
  goneUntil: string | null
  /** Consecutive rounds in which it was gone, up to the last. */
  rounds: number
  /** What the registry said, where that says more than the outcome. */
  detail: string | null
}

export interface RemainingEntry {
  readonly tag: string
  readonly digest: string | null
  readonly verdict: RemainingVerdict
  detail: string | null
}

export interface RepositoryEntry {
  readonly name: string
  result: Result
  problems: string[]
  warnings: string[]
  readonly tags: TagEntry[]
  readonly manifests: ContentEntry[]
  readonly blobs: ContentEntry[]
  kept: { digest: string; heldBy: string[] }[]
  exposed: { repository: string; digest: string; heldBy: string[] }[]
  remaining: RemainingEntry[]
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
  result: Result
  registry: string | null
  fingerprint: string | null
  readonly startedAt: string
  /** null while the run goes on: then `result` is what it would be if the run were cut off now. */
  endedAt: string | null
  reason: string | null
  run: Run
  readonly inputs: Record<string, string>
  repositories: RepositoryEntry[]
  requests: Readonly<Partial<Record<string, number>>>
  /** After the dry run of a cleanup. */
  matrix?: Matrix
  problems: string[]
  warnings: string[]
}

/** @returns a time in the form of RFC 3339. */
export function time(ms: number): string {
  return new Date(ms).toISOString()
}

/** @returns the entries of a report for what a plan says, before anything is done. */
export function entriesOf(plan: Plan): RepositoryEntry[] {
  return plan.repositories.map(entryOf)
}

/** @returns the entry of a tag to which nothing has been done. */
export function tagEntry({ tag, digest, onlyLabel }: PlannedTag, selection?: Selection): TagEntry {
  const reason =
    selection === undefined || onlyLabel === undefined ? null : `only the label goes: ${onlyLabel}`
  return {
    tag,
    digest: digest ?? null,
    outcome: 'planned',
    via: null,
    reason,
    ...(selection !== undefined && describeTag(digest, selection)),
  }
}

function describeTag(digest: Digest | undefined, selection: Selection): Pick<TagEntry, 'created' | 'size'> {
  const created = digest === undefined ? undefined : selection.created.get(digest)
  const size = digest === undefined ? undefined : selection.sizes.get(digest)
  return { created: created === undefined ? null : time(created), size: size ?? null }
}

/** Tags that match and stay. */
function unselectedEntries(selection: Selection): TagEntry[] {
  return selection.unselected.map(({ tag, digest, because }) => ({
    tag,
    digest: digest ?? null,
    outcome: 'kept',
    via: null,
    reason: because,
    ...describeTag(digest, selection),
  }))
}

/** @returns the entry of content to which nothing has been done. */
export function contentEntry({
  digest,
  mediaType,
  size,
}: Pick<PlannedContent, 'digest' | 'mediaType' | 'size'>): ContentEntry {
  return {
    digest,
    mediaType,
    size: size ?? null,
    outcome: 'planned',
    verdict: 'unchecked',
    deletedAt: null,
    goneSince: null,
    goneUntil: null,
    rounds: 0,
    detail: null,
  }
}

/** @returns the entries of the tags that were to stay */
export function remainingEntries(remaining: readonly RemainingTag[]): RemainingEntry[] {
  return remaining.map(({ tag, digest, verdict, detail }) => ({
    tag,
    digest: digest ?? null,
    verdict,
    detail: detail ?? null,
  }))
}

/** @returns the entry of a repository of which a plan was made */
export function entryOf(plan: RepositoryPlan): RepositoryEntry {
  const { selection } = plan
  return {
    ...emptyEntry(plan.repository),
    result: plan.refusals.length > 0 ? 'refused' : 'incomplete',
    problems: [...plan.refusals],
    warnings: [...plan.warnings],
    tags: [
      ...plan.tags.map((each) => tagEntry(each, selection)),
      ...(selection === undefined ? [] : unselectedEntries(selection)),
    ],
    manifests: plan.manifests.map(contentEntry),
    blobs: plan.blobs.map(contentEntry),
    kept: plan.kept.map(({ digest, heldBy }) => ({ digest, heldBy: [...heldBy] })),
  }
}

/** @returns the entry of a repository in which a cleanup selects nothing */
export function idleEntry(repository: Repository, selection: Selection): RepositoryEntry {
  return { ...emptyEntry(repository), result: 'nothing-to-do', tags: unselectedEntries(selection) }
}

/** @returns the entry of a repository of which nothing can be told */
export function refusedEntry(repository: Repository, why: string): RepositoryEntry {
  return { ...emptyEntry(repository), result: 'refused', problems: [why] }
}

function emptyEntry(name: Repository): RepositoryEntry {
  return {
    name,
    result: 'incomplete',
    problems: [],
    warnings: [],
    tags: [],
    manifests: [],
    blobs: [],
    kept: [],
    exposed: [],
    remaining: [],
  }
}
