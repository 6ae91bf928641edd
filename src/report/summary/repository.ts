import type { ContentEntry, RepositoryEntry } from '../report.js'
import { bytes, code, count, some } from '../text.js'
import type { Bounded } from './bounded.js'
import { table } from './markdown.js'

/** Tags that a cell names. */
const HOLDERS = 10

/**
 * Adds what became of one repository.
 *
 * @param several whether the run has more than one, so that each says its own result
 */
export function addRepository(text: Bounded, entry: RepositoryEntry, several: boolean): void {
  text.add(`### ${code(entry.name)}${several ? `: ${entry.result}` : ''}`, '')
  // Tags that were considered by age and size have a table of their own.
  if (!hasSelection(entry)) addTags(text, entry)
  addContent(text, entry)
  addKept(text, entry)
  addExposed(text, entry)
  addRemaining(text, entry)
}

/** Whether tags were considered by their age and size. */
export function hasSelection({ tags }: RepositoryEntry): boolean {
  return tags.some(({ size }) => size !== undefined)
}

function addTags(text: Bounded, { tags }: RepositoryEntry): void {
  if (tags.length === 0) return
  const rows = tags.map(({ tag, digest, outcome, reason }) => [
    code(tag),
    digest === null ? 'did not resolve' : code(digest),
    `${outcome}${reason === null ? '' : ` ${code(reason)}`}`,
  ])
  table(text, ['tag that leaked', 'digest', 'outcome'], rows)
}

function addContent(text: Bounded, { manifests, blobs }: RepositoryEntry): void {
  const rows = [
    ...manifests.map((each) => contentRow('manifest', each)),
    ...blobs.map((each) => contentRow('blob', each)),
  ]
  if (rows.length === 0) return
  table(text, ['kind', 'digest', 'size', 'outcome', 'verdict', 'rounds', 'first and last 404'], rows)
}

function contentRow(kind: string, entry: ContentEntry): string[] {
  const { digest, size, outcome, verdict, rounds, goneSince, goneUntil } = entry
  const span = goneSince === null ? '' : `${goneSince} – ${goneUntil ?? ''}`
  return [kind, code(digest), bytes(size), outcome, verdict, String(rounds), span]
}

function addKept(text: Bounded, { kept }: RepositoryEntry): void {
  if (kept.length === 0) return
  text.add(
    `**${count(kept.length, 'digest')} of the image STILL SERVED**, since remaining tags need them:`,
    '',
  )
  const rows = kept.map(({ digest, heldBy }) => [code(digest), code(some(heldBy, HOLDERS))])
  table(text, ['digest', 'held by'], rows)
}

function addExposed(text: Bounded, { exposed }: RepositoryEntry): void {
  if (exposed.length === 0) return
  text.add(`**${count(exposed.length, 'digest')} EXPOSED**: other repositories serve them:`, '')
  const rows = exposed.map(({ repository, digest, heldBy }) => [
    code(repository),
    code(digest),
    heldBy.length === 0 ? '' : code(some(heldBy, HOLDERS)),
  ])
  table(text, ['repository', 'digest', 'held by'], rows)
}

function addRemaining(text: Bounded, { remaining }: RepositoryEntry): void {
  if (remaining.length === 0) return
  const sound = remaining.filter(({ verdict }) => verdict === 'intact').length
  const open = remaining.filter(({ verdict }) => verdict === 'unchecked').length
  const unchecked = open === 0 ? '' : `, ${open} could not be checked`
  text.add(
    `${sound} of ${count(remaining.length, 'remaining tag')} verified to the last blob${unchecked}:`,
    '',
  )
  const rows = remaining.map(({ tag, digest, verdict }) => [
    code(tag),
    digest === null ? '' : code(digest),
    verdict,
  ])
  table(text, ['remaining tag', 'digest', 'verdict'], rows)
}
