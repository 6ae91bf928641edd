import type { Endpoint, Item } from '../plan/item.js'
import type { KeptBecause } from '../plan/outcome.js'
import { byName } from '../registry/dialects/dialects.js'
import { WireError } from '../registry/errors.js'
import { CURRENT_FOR } from '../registry/time.js'
import { checked } from './checked.js'
import { attemptDelete } from './delete/send.js'
import type { RepositoryPurge } from './repository-purge.js'

/** An item that is still served, and where. A manifest that is served as a blob only is deleted as a blob. */
export interface Present {
  readonly item: Item
  readonly endpoint: Endpoint
}

/**
 * Deletes one item several times in a row. Goes on after a 404, which means that this replica does not have it, and after
 * a 500, which may have worked.
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
  const answers: string[] = []
  let worked = false
  let held = false
  let ended: KeptBecause | undefined
  journal.about(purge.plan.repository, item)
  if (item.kind !== 'tag') purge.touched.add(item.name)
  purge.mayHaveWritten()
  const named: Item =
    item.kind === 'manifest' && endpoint === 'blobs' ? { kind: 'blob', name: item.name } : item
  while (answers.length < times && !held) {
    client.throwIfStopped()
    ended = await keptBecause(purge, item)
    if (ended !== undefined) break
    const answer = await attemptDelete(purge, item, true, named)
    const isResponse = !(answer instanceof WireError)
    if (isResponse && answer.status >= 200 && answer.status < 300) worked = true
    held = isResponse ? answer.status === 429 : answer.failure === 'held'
    answers.push(isResponse ? String(answer.status) : answer.code)
  }
  const before = purge.done.get(item.name)
  const outcome = worked ? 'deleted' : (before?.outcome ?? 'failed')
  const via = worked && item.kind === 'tag' ? byName(purge.plan.way).name : before?.via
  purge.record({
    item,
    outcome,
    ...(via !== undefined && { via }),
    detail: { is: 'repeated', answers, ...(ended !== undefined && { ended }) },
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
  { freshness }: RepositoryPurge,
  item: Item,
  age = CURRENT_FOR,
): Promise<KeptBecause | undefined> {
  // Tags were read right before the burst.
  if (item.kind === 'tag') return undefined
  const check = await checked(freshness.ensureFresh(age))
  return check.is === 'unchecked' ? check : freshness.forbids(item)
}
