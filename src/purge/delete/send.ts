import type { Item } from '../../plan/item.js'
import { attempt } from '../../registry/attempt.js'
import { byName } from '../../registry/dialects/dialects.js'
import { Stopped, type WireError } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import type { RepositoryPurge } from '../repository-purge.js'

/** Sends one DELETE. @param fresh whether to use a new connection, which may lead to another replica */
export function sendDelete(purge: RepositoryPurge, item: Item, fresh: boolean): Promise<Response> {
  const { client } = purge.tools
  const { repository, way } = purge.plan
  const { timeout } = purge
  if (item.kind === 'tag') {
    const dialect = byName(way)
    return dialect.remove(client, repository, item.name, { purpose: 'delete-tag', timeout, fresh })
  }
  if (item.kind === 'manifest')
    return client.deleteManifest(repository, item.name, { purpose: 'delete-manifest', timeout, fresh })
  return client.deleteBlob(repository, item.name, { purpose: 'delete-blob', timeout, fresh })
}

/**
 * Sends one DELETE for an item of the plan. If the run is stopped meanwhile, records that the outcome is unknown.
 *
 * @param named the item in the DELETE. It differs from `item` for a manifest that is deleted as a blob
 * @throws Stopped
 */
export async function attemptDelete(
  purge: RepositoryPurge,
  item: Item,
  fresh: boolean,
  named = item,
): Promise<Response | WireError> {
  try {
    return await attempt(sendDelete(purge, named, fresh))
  } catch (error) {
    if (error instanceof Stopped) purge.record({ item, outcome: 'unknown', detail: { is: 'in-flight' } })
    throw error
  }
}
