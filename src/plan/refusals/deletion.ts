import type { Repository } from '../../oci/reference.js'
import type { Deletion, Survey } from '../../survey/facts.js'
import type { Rules } from '../plan.js'
import type { Deletable, DeletionProblem } from '../problems/deletion.js'

/** The problems that the responses to the probes are for a plan. */
interface Probed {
  readonly refusals: readonly DeletionProblem[]
  readonly warnings: readonly DeletionProblem[]
}

const FINE: Probed = { refusals: [], warnings: [] }

/** Checks that manifests and blobs can be deleted (safety rule 1). */
export function deletion(repository: Repository, survey: Survey, rules: Rules): Probed {
  const manifests = judge(repository, 'manifests', survey.manifestDeletion, rules)
  const blobs = judge(repository, 'blobs', survey.blobDeletion, rules, survey.manifestDeletion.is === 'on')
  return {
    refusals: [...manifests.refusals, ...blobs.refusals],
    warnings: [...manifests.warnings, ...blobs.warnings],
  }
}

/** Checks that a tag can be removed without its manifest, if the survey probed for that. */
export function untagging(repository: Repository, { untagging: found }: Survey, rules: Rules): Probed {
  return found?.is === 'impossible' ? judge(repository, 'tags', found.deletion, rules) : FINE
}

/** @param only whether this is the only kind of content that cannot be deleted */
function judge(
  repository: Repository,
  what: Deletable,
  found: Deletion,
  { dryRun }: Rules,
  only = false,
): Probed {
  if (found.is === 'on') return FINE
  const about = { repository, what, answered: found.answered }
  if (found.is === 'denied') {
    const { right } = found
    const problem: DeletionProblem = {
      kind: 'no-permission',
      ...about,
      ...(right !== undefined && { right }),
    }
    return dryRun ? { refusals: [], warnings: [problem] } : { refusals: [problem], warnings: [] }
  }
  const problem: DeletionProblem =
    found.is === 'off'
      ? { kind: 'deletion-off', ...about, readOnly: found.readOnly, ...(only && { only }) }
      : { kind: 'deletion-unclear', ...about, means: found.means }
  const passes = dryRun && found.is === 'unclear' && found.denied === true
  return passes ? { refusals: [], warnings: [problem] } : { refusals: [problem], warnings: [] }
}
