import type { Deletable, DeletionProblem } from '../../../plan/problems/plan.js'
import type { Wording, Words } from '../wording.js'

const TURN_ON =
  'Turn deletion on (distribution: `storage.delete.enabled: true`, or REGISTRY_STORAGE_DELETE_ENABLED=true in its environment) and run again'

const WHAT: Readonly<Record<Deletable, string>> = {
  manifests: 'deletion of manifests in',
  blobs: 'deletion of blobs in',
  tags: 'removal of tags from',
}

/** The words for what the registry cannot or may not delete. */
export const deletionWords: Words<DeletionProblem> = {
  'no-permission': (problem) =>
    about(
      problem,
      `No permission for the ${probed(problem)}. Allow the user the action \`delete\` on ${problem.repository}`,
    ),
  'deletion-off': (problem) =>
    about(
      problem,
      problem.readOnly
        ? `No ${probed(problem)}. The registry is in read-only mode: end that (\`storage.maintenance.readonly.enabled\`). ${TURN_ON}`
        : `No ${probed(problem)}. If the registry is a pull-through cache (\`proxy.remoteurl\`), it never deletes: purge at its upstream. ${TURN_ON}`,
    ),
  'deletion-unclear': (problem) =>
    about(
      problem,
      `It is not clear whether the registry allows the ${probed(problem)}, where a 404 with a code such as MANIFEST_UNKNOWN was expected. ${TURN_ON}`,
    ),
}

function probed({ what, repository, answered }: DeletionProblem): string {
  return `${WHAT[what]} ${repository}: the registry returned ${answered} to the probe`
}

function about({ repository }: DeletionProblem, text: string): Wording {
  return { text, items: [repository] }
}
