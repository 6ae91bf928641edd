import type { PurgeProblem } from '../../plan/problems/purge.js'
import { attempt, outcomeOf } from '../../registry/attempt.js'
import { WireError } from '../../registry/errors.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Dummy } from './dummy.js'
import { isDeleted } from './deleted.js'
import type { Put } from './put.js'

/** How often to send the DELETE of one blob. */
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
    const response = await attempt(client.uploadBlob(repository, digest, body))
    if (response instanceof WireError || response.status !== 201)
      return { is: 'failed', detail: { is: 'upload-failed', digest, answered: outcomeOf(response) } }
  }
  return undefined
}

/** Deletes the blobs of a placeholder. Their bytes are unique, so no tag needs them. @throws Stopped */
export async function deleteParts(purge: RepositoryPurge, { blobs }: Dummy): Promise<PurgeProblem[]> {
  const { client } = purge.tools
  const { repository } = purge.plan
  const deleting = { purpose: 'delete-placeholder', timeout: purge.timeout } as const
  const problems: PurgeProblem[] = []
  for (const { digest } of blobs) {
    for (let tried = 1; ; tried++) {
      const response = await attempt(client.deleteBlob(repository, digest, deleting))
      if (!(response instanceof WireError) && isDeleted('delete-blob', response)) break
      if (tried < TRIES) continue
      problems.push({ kind: 'placeholder-part-left', repository, digest, answered: outcomeOf(response) })
      break
    }
  }
  return problems
}
