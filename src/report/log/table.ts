import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { PlannedTag, RepositoryPlan, Selection, Unselected } from '../../plan/plan.js'
import { bytes, span } from '../text.js'
import { sayReason } from '../words/reason.js'

/** One line of the table of a cleanup's plan: repository, tag, age, size, verdict, because. */
export type Row = readonly [string, string, string, string, string, string]

export const HEAD: Row = ['repository', 'tag', 'age', 'size', 'verdict', 'because']

/** How many of the tags that stay are shown, so that the list can be read to its end. Those that go are all shown. */
export const MOST_STAYING = 500

/** @returns a row for each matching tag, those that go first */
export function planRows(plan: RepositoryPlan, selection: Selection): Row[] {
  const { repository, tags, scope } = plan
  const selected = ({ tag, digest, belongsTo, onlyLabel }: PlannedTag): Row => {
    const [verdict, because] =
      belongsTo !== undefined
        ? ['goes', `belongs to ${belongsTo}`]
        : onlyLabel === undefined
          ? ['goes', `its image goes: ${digest ?? ''}`]
          : ['label only', sayReason(onlyLabel)]
    return [
      repository,
      tag,
      ...described(digest, selection),
      scope === 'tag' ? 'label only' : (verdict ?? ''),
      because ?? '',
    ]
  }
  return [...tags.map(selected), ...idleRows(repository, selection)]
}

/** @returns a row for each matching tag that stays */
export function idleRows(repository: Repository, selection: Selection): Row[] {
  return selection.unselected.map(({ tag, digest, because }: Unselected): Row => [
    repository,
    tag,
    ...described(digest, selection),
    'stays',
    sayReason(because),
  ])
}

function described(digest: Digest | undefined, { asOf, created, sizes }: Selection): [string, string] {
  const at = digest === undefined ? undefined : created.get(digest)
  const size = digest === undefined ? undefined : sizes.get(digest)
  return [at === undefined ? '–' : span(asOf - at), size === undefined ? '–' : bytes(size)]
}

/** @returns the table as lines of text in columns, cut with a count if too many tags stay */
export function columns(rows: readonly Row[]): string[] {
  const going = rows.filter(([, , , , verdict]) => verdict !== 'stays')
  const staying = rows.slice(going.length)
  const shown = [HEAD, ...going, ...staying.slice(0, MOST_STAYING)]
  const widths = HEAD.map((_, at) => shown.reduce((most, row) => Math.max(most, (row[at] ?? '').length), 0))
  const lines = shown.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  const more = staying.length - MOST_STAYING
  return more > 0 ? [...lines, `… and ${more} more that match and stay: see the report`] : lines
}
