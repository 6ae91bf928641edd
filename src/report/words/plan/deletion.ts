import type { Deletable, DeletionProblem } from '../../../plan/problems/deletion.js'
import { sayRight } from '../right.js'
import type { Wording, Words } from '../wording.js'

const TURN_ON =
  'Turn deletion on (distribution: `storage.delete.enabled: true`, or REGISTRY_STORAGE_DELETE_ENABLED=true in its environment) and run again'

const OWN_TOOLS =
  "Delete the image with the product's own tools, and give its digests to this action to prove that it is gone"

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
      `No permission for the ${probed(problem)}. Give the user ${sayRight(problem.right, 'delete', problem.repository)}`,
    ),
  'deletion-off': (problem) => about(problem, `No ${probed(problem)}. ${sayOff(problem)}`),
  'deletion-unclear': (problem) =>
    about(
      problem,
      `It is not clear whether the registry allows the ${probed(problem)}. ${sayUnclear(problem)}`,
    ),
}

function sayOff({ readOnly, only }: DeletionProblem & { readonly kind: 'deletion-off' }): string {
  if (readOnly)
    return `The registry is in read-only mode: end that (\`storage.maintenance.readonly.enabled\`). ${TURN_ON}`
  if (only === true)
    return `It deletes manifests, but no blobs: it collects them by itself, at a time of its own (Quay, for one). ${OWN_TOOLS}`
  return `If the registry is a pull-through cache (\`proxy.remoteurl\`), it never deletes: purge at its upstream. ${TURN_ON}`
}

/** What the response to the probe means, and what to do. A registry that deletes does not know the random name. */
function sayUnclear({ means, what }: DeletionProblem & { readonly kind: 'deletion-unclear' }): string {
  switch (means) {
    case 'asynchronous':
    case 'done':
      return `It accepted the deletion of something that never existed, so its responses to a DELETE show nothing. ${OWN_TOOLS}`
    case 'redirected':
      return 'A DELETE is never redirected. Write in `registry` the address that it redirects to: its scheme, host and port'
    case 'unsupported':
      return `It has no endpoint for this. ${OWN_TOOLS}`
    case 'failed':
      return `It failed, or something in front of it did. Check its log, and run again${what === 'blobs' ? `. A registry that always fails here, such as one that keeps the blobs of all repositories in one store, cannot be purged safely with this action` : ''}`
    case 'foreign':
      return 'Something in front of the registry answered, such as a proxy, a firewall or a login page. Let DELETE requests pass to the registry, and run again'
    case 'throttled':
      return 'It asks for fewer requests. Run again later, or with a lower `concurrency`'
    default:
      return `A registry that deletes returns 404 with a code such as MANIFEST_UNKNOWN for what it does not have. ${OWN_TOOLS}`
  }
}

function probed({ what, repository, answered }: DeletionProblem): string {
  return `${WHAT[what]} ${repository}: the registry returned ${answered} to the probe`
}

function about({ repository }: DeletionProblem, text: string): Wording {
  return { text, items: [repository] }
}
