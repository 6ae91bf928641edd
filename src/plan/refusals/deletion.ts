import type { Deletion, Survey, Target } from '../../survey/facts.js'
import type { Rules } from '../plan.js'

const TURN_ON =
  'Turn deletion on (distribution: `storage.delete.enabled: true`, or REGISTRY_STORAGE_DELETE_ENABLED=true in its environment) and run again'

export function deletion(
  target: Target,
  survey: Survey,
  rules: Rules,
): { refusals: string[]; warnings: string[] } {
  const refusals: string[] = []
  const warnings: string[] = []
  const answers: [string, Deletion][] = [
    ['manifests', survey.manifestDeletion],
    ['blobs', survey.blobDeletion],
  ]
  for (const [what, deletion] of answers) {
    if (deletion.is === 'on') continue
    const said = `deletion of ${what} in ${target.repository}: the registry answered the probe with ${deletion.why}`
    if (deletion.is === 'denied') {
      const sentence = `No permission for the ${said}. The user needs the action \`delete\` on ${target.repository}`
      if (rules.dryRun) warnings.push(sentence)
      else refusals.push(sentence)
    } else if (deletion.is === 'off') {
      const readOnly = deletion.readOnly
        ? ' The registry is in read-only mode (`storage.maintenance.readonly.enabled`); end that first.'
        : ' Or this is a pull-through cache (`proxy.remoteurl`), which never deletes: purge at its upstream.'
      refusals.push(`No ${said}. ${TURN_ON}.${readOnly}`)
    } else
      refusals.push(
        `It is not clear whether the registry does the ${said}. A 404 with a code such as BLOB_UNKNOWN was expected. ${TURN_ON}`,
      )
  }
  return { refusals, warnings }
}
