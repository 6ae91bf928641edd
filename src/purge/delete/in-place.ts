import type { Item } from '../../plan/item.js'
import { attempt } from '../../registry/attempt.js'
import { isGone, WireError } from '../../registry/errors.js'
import { each } from '../../registry/limit.js'
import { FRESH_READ } from '../../registry/reading.js'
import type { RepositoryPurge } from '../repository-purge.js'
import { isAbsent } from './absent.js'

/**
 * Checks that manifests and blobs whose DELETE the registry refused still exist. It may have deleted them although its
 * response was a refusal.
 *
 * @returns false if one is gone. Content that cannot be read counts as existing
 * @throws Stopped
 */
export async function contentInPlace(purge: RepositoryPurge): Promise<boolean> {
  const { client, width } = purge.tools
  const { repository } = purge.plan
  const refused = [...purge.done.values()].flatMap(({ item, outcome }): Content[] =>
    outcome === 'failed' && item.kind !== 'tag' ? [item] : [],
  )
  const gone = await each(refused, width, async ({ kind, name }) => {
    const response = await attempt(
      kind === 'manifest'
        ? client.manifest(repository, name, FRESH_READ)
        : client.blob(repository, name, FRESH_READ),
    )
    return !(response instanceof WireError) && isGone(response) && isAbsent(purge, kind, response)
  })
  return !gone.includes(true)
}

type Content = Item & { readonly kind: 'manifest' | 'blob' }
