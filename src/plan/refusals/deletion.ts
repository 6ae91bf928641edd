import type { Repository } from '../../oci/reference.js'
import type { Deletion, Survey, Target } from '../../survey/facts.js'
import type { Rules } from '../plan.js'

const TURN_ON =
  'Turn deletion on (distribution: `storage.delete.enabled: true`, or REGISTRY_STORAGE_DELETE_ENABLED=true in its environment) and run again'

/** What the answers to the probe mean for a plan. */
interface Answered {
  readonly refusals: readonly string[]
  readonly warnings: readonly string[]
}

/** Manifests and blobs have to be deletable before anything is written (safety rule 1). */
export function deletion({ repository }: Target, survey: Survey, rules: Rules): Answered {
  const manifests = judge(
    `deletion of manifests in ${repository}`,
    survey.manifestDeletion,
    repository,
    rules,
  )
  const blobs = judge(`deletion of blobs in ${repository}`, survey.blobDeletion, repository, rules)
  return {
    refusals: [...manifests.refusals, ...blobs.refusals],
    warnings: [...manifests.warnings, ...blobs.warnings],
  }
}

/** Where only labels go, one way has to be there that leaves the manifests alone. */
export function untagging({ repository }: Target, { untagging: found }: Survey, rules: Rules): Answered {
  if (found === undefined || found.is === 'possible') return { refusals: [], warnings: [] }
  return judge(`removal of tags from ${repository}`, found.deletion, repository, rules)
}

function judge(what: string, deletion: Deletion, repository: Repository, rules: Rules): Answered {
  if (deletion.is === 'on') return { refusals: [], warnings: [] }
  const said = `${what}: the registry answered the probe with ${deletion.why}`
  if (deletion.is === 'denied') {
    const sentence = `No permission for the ${said}. The user needs the action \`delete\` on ${repository}`
    return rules.dryRun ? { refusals: [], warnings: [sentence] } : { refusals: [sentence], warnings: [] }
  }
  if (deletion.is === 'off') {
    const readOnly = deletion.readOnly
      ? ' The registry is in read-only mode (`storage.maintenance.readonly.enabled`); end that first.'
      : ' Or this is a pull-through cache (`proxy.remoteurl`), which never deletes: purge at its upstream.'
    return { refusals: [`No ${said}. ${TURN_ON}.${readOnly}`], warnings: [] }
  }
  const unclear = `It is not clear whether the registry does the ${said}. A 404 with a code such as MANIFEST_UNKNOWN was expected. ${TURN_ON}`
  return { refusals: [unclear], warnings: [] }
}
