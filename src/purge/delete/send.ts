import type { Item } from '../../plan/item.js'
import { attempt } from '../../registry/attempt.js'
import { byName } from '../../registry/dialects/dialects.js'
import { Stopped, type WireError } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import type { RepositoryPurge } from '../repository-purge.js'

/** The options of a DELETE. */
export interface Sending {
  /** Use a new connection, which may lead to another replica. */
  readonly fresh: boolean
  /** The item in the DELETE. It differs from the item of the plan for a manifest that is deleted as a blob. */
  readonly named?: Item
  /** The query of a further step of the DELETE, for a registry that deletes in steps. */
  readonly step?: string | undefined
}

/** Sends one DELETE. */
export function sendDelete(
  purge: RepositoryPurge,
  item: Item,
  { fresh, step }: Omit<Sending, 'named'>,
): Promise<Response> {
  const { client } = purge.tools
  const { repository, way } = purge.plan
  const { timeout } = purge
  if (item.kind === 'blob')
    return client.deleteBlob(repository, item.name, { purpose: 'delete-blob', timeout, fresh })
  const purpose = item.kind === 'tag' ? 'delete-tag' : 'delete-manifest'
  const deleting = { purpose, timeout, fresh } as const
  if (step !== undefined) return client.delete(repository, `manifests/${item.name}?${step}`, deleting)
  if (item.kind === 'tag') return byName(way).remove(client, repository, item.name, deleting)
  return client.deleteManifest(repository, item.name, deleting)
}

/**
 * Sends one DELETE for an item of the plan. If the run is stopped meanwhile, records that the outcome is unknown.
 *
 * @throws Stopped
 */
export async function attemptDelete(
  purge: RepositoryPurge,
  item: Item,
  { named = item, ...sending }: Sending,
): Promise<Response | WireError> {
  try {
    return await attempt(sendDelete(purge, named, sending))
  } catch (error) {
    if (error instanceof Stopped) purge.record({ item, outcome: 'unknown', detail: { is: 'in-flight' } })
    throw error
  }
}
