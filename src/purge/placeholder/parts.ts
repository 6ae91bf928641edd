import type { PurgeProblem } from '../../plan/problems/purge.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import { isUnknown, WireError } from '../../registry/errors.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Dummy } from './dummy.js'
import type { Put } from './put.js'

/** DELETEs of one blob. */
const TRIES = 2

/** Uploads the blobs of a placeholder. @returns why that failed, or undefined @throws Stopped */
export async function uploadParts(purge: RepositoryPurge, { blobs }: Dummy): Promise<Put | undefined> {
  const { capabilities, client, journal } = purge.tools
  const { repository } = purge.plan
  const deletion = await capabilities.blobDeletion(repository)
  if (deletion.is !== 'on')
    return { is: 'failed', detail: { is: 'undeletable-parts', answered: deletion.answered } }
  for (const { digest, body } of blobs) {
    journal.about(repository)
    purge.mayHaveWritten()
    const answer = await attempt(client.uploadBlob(repository, digest, body))
    if (answer instanceof WireError || answer.status !== 201)
      return { is: 'failed', detail: { is: 'upload-failed', digest, answered: outcomeOf(answer) } }
  }
  return undefined
}

/** Deletes the blobs of a placeholder. Nobody else has these bytes. @throws Stopped */
export async function deleteParts(purge: RepositoryPurge, { blobs }: Dummy): Promise<PurgeProblem[]> {
  const { client } = purge.tools
  const { repository } = purge.plan
  const deleting = { purpose: 'delete-placeholder', timeout: purge.timeout } as const
  const problems: PurgeProblem[] = []
  for (const { digest } of blobs) {
    for (let tried = 1; ; tried++) {
      const answer = await attempt(client.deleteBlob(repository, digest, deleting))
      if (!(answer instanceof WireError) && (answer.status < 300 || isUnknown(answer))) break
      if (tried < TRIES) continue
      problems.push({ kind: 'placeholder-part-left', repository, digest, answered: outcomeOf(answer) })
      break
    }
  }
  return problems
}
