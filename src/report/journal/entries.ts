import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Unplanned } from '../../plan/journal.js'
import type { PlannedTag, Selection, PlannedContent, RepositoryPlan } from '../../plan/plan.js'
import type { Problem } from '../../plan/problem.js'
import type { RemainingTag } from '../../plan/standing.js'
import {
  time,
  type ContentEntry,
  type RemainingEntry,
  type ReportedProblem,
  type RepositoryEntry,
  type TagEntry,
  type Writable,
} from '../report.js'
import { sayFlaw } from '../words/flaw.js'
import { say } from '../words/problem.js'
import { sayReason } from '../words/reason.js'

/** @returns the entry of a tag to which nothing has been done */
export function tagEntry({ tag, digest, onlyLabel }: PlannedTag, selection?: Selection): TagEntry {
  const reason =
    selection === undefined || onlyLabel === undefined ? null : `only the label goes: ${sayReason(onlyLabel)}`
  return {
    tag,
    digest: digest ?? null,
    outcome: 'planned',
    via: null,
    onlyLabel: onlyLabel !== undefined,
    reason,
    ...(selection !== undefined && describeTag(digest, selection)),
  }
}

function describeTag(digest: Digest | undefined, selection: Selection): Pick<TagEntry, 'created' | 'size'> {
  const created = digest === undefined ? undefined : selection.created.get(digest)
  const size = digest === undefined ? undefined : selection.sizes.get(digest)
  return { created: created === undefined ? null : time(created), size: size ?? null }
}

/** The tags that match and stay. */
function unselectedEntries(selection: Selection): TagEntry[] {
  return selection.unselected.map(({ tag, digest, because }) => ({
    tag,
    digest: digest ?? null,
    outcome: 'kept',
    via: null,
    onlyLabel: false,
    reason: sayReason(because),
    ...describeTag(digest, selection),
  }))
}

/** @returns the entry of a manifest or blob to which nothing has been done */
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
  return remaining.map(({ tag, digest, verdict, flaw }) => ({
    tag,
    digest: digest ?? null,
    verdict,
    detail: flaw === undefined ? null : sayFlaw(flaw),
  }))
}

/** @returns the entry of a repository before anything is done in it */
export function entryOf(part: RepositoryPlan | Unplanned): RepositoryEntry {
  const entry = emptyEntry(part.repository)
  if (!('is' in part)) return { ...entry, ...ofPlan(part) }
  if (part.is === 'idle')
    return { ...entry, result: 'nothing-to-do', tags: unselectedEntries(part.selection) }
  return { ...entry, result: 'refused', problems: [reported(part.problem)] }
}

function ofPlan(plan: RepositoryPlan): Partial<RepositoryEntry> {
  const { selection } = plan
  return {
    result: plan.refusals.length > 0 ? 'refused' : 'incomplete',
    problems: plan.refusals.map(reported),
    warnings: plan.warnings.map((warning) => say(warning).text),
    tags: [
      ...plan.tags.map((each) => tagEntry(each, selection)),
      ...(selection === undefined ? [] : unselectedEntries(selection)),
    ],
    manifests: plan.manifests.map(contentEntry),
    blobs: plan.blobs.map(contentEntry),
    kept: plan.kept.map(({ digest, heldBy }) => ({ digest, heldBy })),
  }
}

/** @returns a problem as the file has it */
export function reported(problem: Problem): Writable<ReportedProblem> {
  const { text, items } = say(problem)
  return { kind: problem.kind, text, items: [...items] }
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
