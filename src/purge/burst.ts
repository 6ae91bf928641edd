import type { Endpoint, Item } from '../plan/item.js'
import type { KeptBecause } from '../plan/outcome.js'
import { byName } from '../registry/dialects/dialects.js'
import { WireError } from '../registry/errors.js'
import { CURRENT_FOR } from '../registry/time.js'
import { checked } from './checked.js'
import { attemptDelete } from './delete/send.js'
import { Steps } from './delete/steps.js'
import type { RepositoryPurge } from './repository-purge.js'

/** An item that is still served, and its endpoint. A manifest that is served only as a blob is deleted as a blob. */
export interface Present {
  readonly item: Item
  readonly endpoint: Endpoint
}

/**
 * Deletes one item several times in a row. It continues after a 404, since another replica may still have the item, and
 * after a 500, since the DELETE may have worked.
 *
 * @returns whether the registry asked for a pause, which ends the burst
 * @throws Stopped
 */
export async function deleteInARow(
  purge: RepositoryPurge,
  { item, endpoint }: Present,
  times: number,
): Promise<boolean> {
  const { client, journal } = purge.tools
  const statuses: string[] = []
  let worked = false
  let held = false
  let ended: KeptBecause | undefined
  journal.about(purge.plan.repository, item)
  if (item.kind !== 'tag') purge.touched.add(item.name)
  purge.mayHaveWritten()
  const named: Item =
    item.kind === 'manifest' && endpoint === 'blobs' ? { kind: 'blob', name: item.name } : item
  let steps = new Steps(purge, named)
  while (statuses.length < times && !held) {
    client.throwIfStopped()
    ended = await keptBecause(purge, item)
    if (ended !== undefined) break
    const response = await attemptDelete(purge, item, { fresh: true, named, step: steps.query })
    const isResponse = !(response instanceof WireError)
    // A tag is not checked again in a burst, so nothing shows that it may still be deleted after the first step.
    if (isResponse && item.kind !== 'tag' && steps.after(response)?.is === 'goes-on') continue
    steps = new Steps(purge, named)
    if (isResponse && response.status >= 200 && response.status < 300) worked = true
    held = isResponse ? response.status === 429 : response.failure === 'held'
    statuses.push(isResponse ? String(response.status) : response.code)
  }
  const before = purge.done.get(item.name)
  const outcome = worked ? 'deleted' : (before?.outcome ?? 'failed')
  const via = worked && item.kind === 'tag' ? byName(purge.plan.way).name : before?.via
  purge.record({
    item,
    outcome,
    ...(via !== undefined && { via }),
    detail: { is: 'repeated', answers: statuses, ...(ended !== undefined && { ended }) },
  })
  return held
}

/**
 * Checks the repository if the newest check is older than `age` milliseconds.
 *
 * @returns why the item must not be deleted now, or undefined if it may be
 * @throws Stopped
 */
export async function keptBecause(
  purge: RepositoryPurge,
  item: Item,
  age = CURRENT_FOR,
): Promise<KeptBecause | undefined> {
  // The caller read the tags right before the burst.
  if (item.kind === 'tag') return undefined
  const check = await checked(purge.freshness.ensureFresh(age))
  return check.is === 'unchecked' ? check : purge.forbids(item)
}
