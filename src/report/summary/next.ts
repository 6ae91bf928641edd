import { isLabelsOnly, type Report } from '../report.js'
import { code } from '../text.js'

const ROTATE = 'Rotate every credential that was in the image, unless that is done: whoever pulled it has it.'
const KEEP = 'Keep the report: with the digests in it a later run can go on or verify again.'

/** @returns what to do after a run, in order */
export function nextSteps(report: Report): string[] {
  const { result, fingerprint, inputs } = report
  const asOf = inputs['as-of']
  if (result === 'nothing-to-do') return [KEEP]
  if (result === 'refused') return ['Remove what is in the way, and run again.', ROTATE]
  if (result === 'planned') {
    const again = `${code('dry-run: false')} and ${code(`approve: ${fingerprint ?? ''}`)}`
    const sameAge =
      asOf === undefined
        ? ''
        : `, and with ${code(`as-of: ${asOf}`)}, so that ages count from the same moment`
    return [`Read the plan, and run again with ${again}${sameAge}.`, ROTATE]
  }
  if (result !== 'purged') return [...unfinished(report), ROTATE, KEEP]
  if (isLabelsOnly(report))
    return [
      'If the image that the label pointed to leaked: purge it by its digest, with `scope: image`. It is still served.',
      KEEP,
    ]
  return [
    ROTATE,
    "Run the registry's garbage collection, so that the bytes leave its disk, and restart its replicas afterwards.",
    'Purge caches and mirrors in front of the registry.',
    KEEP,
  ]
}

/** A repository that is not proven may have lost its tags, so it can no longer be named by them. */
function unfinished({ repositories }: Report): string[] {
  const several = repositories.length > 1
  const open = repositories.some(({ result }) => result === 'incomplete' || result === 'cancelled')
  return [
    ...(several ? ['Read above what became of each repository, and remove what is in the way.'] : []),
    ...(open || !several
      ? [
          'Run again with the lines that the step Plan printed: what is gone already is proven again, and what no longer has a tag is named by its digest.',
        ]
      : []),
  ]
}
