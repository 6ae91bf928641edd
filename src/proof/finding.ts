import type { Endpoint, Item } from '../plan/item.js'
import type { Finding } from '../plan/standing.js'
import { absenceOf, describeAbsence, sameAbsence, type Absence } from '../registry/absence.js'
import { attempt } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { describe, WireError } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import { readingFor, type Asking } from './asking.js'

/** One response, before it is known whether its 404 is the registry's own. */
export type Seen = { readonly is: 'absent'; readonly how: Absence } | Exclude<Finding, { is: 'gone' }>

/**
 * Asks for one item on one endpoint. If the 404 comes out of a cache it is asked for once more with a query that the
 * cache does not know.
 *
 * @param lost takes in the failures that came before the response
 * @throws Stopped
 */
export async function see(
  asking: Asking,
  item: Item,
  endpoint: Endpoint,
  lost: (readonly string[])[],
): Promise<Seen> {
  const { client, repository, random } = asking
  const reading = readingFor(asking, 'verify')
  const ask = (cacheBuster?: string): Promise<Response | WireError> => {
    const how = cacheBuster === undefined ? reading : { ...reading, cacheBuster }
    return attempt(
      item.kind === 'tag' || endpoint === 'manifests'
        ? client.manifest(repository, item.name, how)
        : client.blob(repository, item.name, how),
    )
  }
  let response = await ask()
  if (
    !(response instanceof WireError) &&
    absenceOf(response) !== undefined &&
    cacheOf(response) !== undefined
  )
    response = await ask(random.hex(8))
  if (!(response instanceof WireError) && response.lost !== undefined) lost.push(response.lost)
  return judge(response, endpoint)
}

/** @param response to a GET, or why none came */
function judge(response: Response | WireError, endpoint: Endpoint): Seen {
  if (response instanceof WireError) return { is: 'inconclusive', detail: response.message }
  const how = absenceOf(response)
  const cache = cacheOf(response)
  if (how !== undefined && cache !== undefined)
    return {
      is: 'inconclusive',
      detail: `the ${how.status} comes out of a cache in front of the registry (${cache}), so it says nothing about the registry: purge that cache`,
    }
  if (how !== undefined) return { is: 'absent', how }
  if (response.redirected)
    return {
      is: 'present',
      endpoint,
      detail: 'the registry still knows it, although its storage has no such content',
    }
  if (response.status < 200 || response.status > 299)
    return { is: 'inconclusive', detail: describe(response) }
  const stale = response.cut ? ', headers without content (a stale entry in a cache of the registry)' : ''
  const from =
    cache === undefined ? '' : `, from a cache in front of the registry (${cache}): purge that cache`
  return { is: 'present', endpoint, detail: `${response.status}${stale}${from}` }
}

/**
 * @param never how the registry says that something is not there which never existed
 * @returns `gone` if the item is absent in the same way, else what was seen
 */
export function compare(seen: Seen, never: Absence): Finding {
  if (seen.is !== 'absent') return seen
  if (sameAbsence(seen.how, never)) return { is: 'gone' }
  return {
    is: 'inconclusive',
    detail: `its 404 (${describeAbsence(seen.how)}) differs from the one for a digest that never existed (${describeAbsence(never)}): something between this runner and the registry may answer in its place`,
  }
}

/** @returns the worse of what two endpoints told of one item */
export function worse(one: Finding | undefined, other: Finding): Finding {
  if (one === undefined || one.is === 'gone') return other
  if (other.is === 'gone' || one.is === 'present') {
    // If both endpoints answer, the manifest is deleted first: a blob entry may only mirror it.
    return other.is === 'present' && other.endpoint === 'manifests' ? other : one
  }
  return other
}
