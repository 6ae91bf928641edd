import type { Repository } from '../../oci/reference.js'
import { labelsOf } from '../../plan/holders.js'
import type { PlannedTag, RepositoryPlan, Selection } from '../../plan/plan.js'
import { isSolvable, togetherAmong } from '../../plan/refusals/together.js'
import { dialectOf } from '../../registry/dialects/dialects.js'
import { time } from '../report.js'
import { bytes, count, plainLine, plural, some } from '../text.js'
import { say } from '../words/problem.js'
import { sayTogether } from '../words/plan/together.js'
import { sayReason } from '../words/reason.js'
import { columns, idleRows, planRows } from './table.js'

/** Tags that a line names: of those that hold one digest, and of all that stay. */
const HOLDERS = 8
const REMAINING = 20

const PLACEHOLDER = 'a placeholder, since this registry cannot delete a tag by name'

/**
 * Prints a repository's plan.
 *
 * @param fingerprint of the whole plan
 * @returns a line for every digest, and the blocks that a later run takes as they are
 */
export function planLines(plan: RepositoryPlan, fingerprint: string): string[] {
  const { selection, remaining, warnings } = plan
  const names = remaining.map(({ tag }) => tag)
  return [
    ...(selection === undefined ? tagLines(plan) : columns(planRows(plan, selection))),
    ...labelLines(plan),
    ...contentLines(plan),
    `${count(names.length, 'tag')} ${plural(names.length, 'stays', 'stay')}: ${some(names, REMAINING)}`,
    ...warnings.map((warning) => `warning: ${say(warning).text}`),
    ...(selection === undefined
      ? []
      : [`age counts from ${time(selection.asOf)}: an approved run takes it as \`as-of\``]),
    `fingerprint ${fingerprint}`,
    ...readyBlocks(plan),
  ]
}

/** @returns the line that sums up a repository's plan */
export function planSummary(plan: RepositoryPlan): string {
  const { scope, tags, manifests, blobs, kept, remaining, refusals } = plan
  if (refusals.length > 0) return `refused (${count(refusals.length, 'reason')})`
  const stay = `${count(remaining.length, 'tag')} must still pull afterwards`
  if (scope === 'tag')
    return `${count(tags.length, 'label')} and nothing else ${plural(tags.length, 'goes', 'go')}, ${stay}`
  const labels = tags.filter(({ onlyLabel }) => onlyLabel !== undefined).length
  const ofLabels = labels === 0 ? '' : ` (${labels} of them as ${plural(labels, 'a label', 'labels')} only)`
  return `${count(tags.length, 'tag')}${ofLabels}, ${count(manifests.length, 'manifest')} and ${count(blobs.length, 'blob')} go, ${kept.length} of the image's digests stay, ${stay}`
}

/** @returns a line for each tag that matches in a repository in which nothing is selected */
export function idleLines(repository: Repository, selection: Selection): string[] {
  const rows = idleRows(repository, selection)
  return rows.length === 0 ? [] : columns(rows)
}

/** @returns the line that sums up a repository in which nothing is selected */
export function idleSummary({ unselected: { length } }: Selection): string {
  const matching = `${count(length, 'matching tag')} ${plural(length, 'stays', 'stay')}`
  return `nothing to do: ${length === 0 ? 'no tag matches' : matching}`
}

function tagLines({ tags, scope }: RepositoryPlan): string[] {
  return tags.map(({ tag, digest, belongsTo, onlyLabel }) => {
    const at = digest === undefined ? ': it no longer resolves' : ` (${digest})`
    const why = belongsTo === undefined ? '' : `, since it belongs to ${belongsTo}`
    const label =
      onlyLabel === undefined || scope === 'tag' ? '' : ` as a label only, since ${sayReason(onlyLabel)}`
    return `tag ${tag} goes${at}${why}${label}`
  })
}

/** What stays although its label goes, and how the label is removed. */
function labelLines({ tags, way }: RepositoryPlan): string[] {
  const left = new Set(labelsOf(tags).map(({ digest }) => digest))
  return [
    ...[...left].map((digest) => `manifest ${digest} stays, with all it needs: only labels go`),
    ...(left.size > 0 && way !== undefined
      ? [`the labels go by ${dialectOf(way)?.title ?? PLACEHOLDER}`]
      : []),
  ]
}

function contentLines({ manifests, blobs, kept }: RepositoryPlan): string[] {
  return [
    ...manifests.map(
      ({ digest, mediaType, size, gone }) =>
        `manifest ${digest} goes (${plainLine(mediaType) || 'type unknown'}, ${sayBytes(size)}${gone ? ', gone already' : ''})`,
    ),
    ...blobs.map(
      ({ digest, size, foreign }) =>
        `blob ${digest} goes (${sayBytes(size)}${foreign ? ', its manifest names other places that have it' : ''})`,
    ),
    ...kept.map(
      ({ digest, kind, heldBy }) =>
        `${kind} ${digest} stays and will be STILL SERVED, since it is needed by ${some(heldBy, HOLDERS)}`,
    ),
  ]
}

/** @param size undefined if neither the manifest nor a descriptor states it */
function sayBytes(size: number | undefined): string {
  return size === undefined ? 'size unknown' : bytes(size)
}

/** Lines with which a later run goes on, if the log is the only record that survives. */
function readyBlocks(plan: RepositoryPlan): string[] {
  // Lines that name too little are refused again. Annotations are cut, so the log has the others whole.
  if (plan.refusals.some(isSolvable)) {
    const together = togetherAmong(plan.refusals)
    return together === undefined ? [] : [sayTogether(together).join('\n')]
  }
  const { repository, tags, manifests, blobs } = plan
  const labels = tags.filter(({ onlyLabel }) => onlyLabel !== undefined)
  const whole = tags.filter(({ onlyLabel }) => onlyLabel === undefined)
  const tagged = new Set(whole.map(({ root }) => root))
  const line = ({ tag, root }: PlannedTag): string => `${repository}:${tag}@${root}`
  const images = [
    ...whole.map(line),
    ...manifests // A missing child was not named, and would be a root whose blobs are unknown.
      .filter(({ digest, gone, named }) => !tagged.has(digest) && (named || !gone))
      .map(({ digest }) => `${repository}@${digest}`),
  ]
  return [
    ...readyBlock(
      '',
      images,
      blobs.map(({ digest }) => `${repository}@${digest}`),
    ),
    ...readyBlock(', with `scope: tag`', labels.map(line), []),
  ]
}

function readyBlock(how: string, images: readonly string[], blobs: readonly string[]): string[] {
  if (images.length + blobs.length === 0) return []
  const lines = [`To go on or to verify again, a later run takes these lines${how}:`]
  if (images.length > 0) lines.push('image: |', ...images.map((line) => `  ${line}`))
  if (blobs.length > 0) lines.push('blobs: |', ...blobs.map((line) => `  ${line}`))
  return [lines.join('\n')]
}
