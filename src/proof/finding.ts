import type { FindingFlaw } from '../plan/flaw.js'
import type { Endpoint, Item } from '../plan/item.js'
import type { Finding } from '../plan/standing.js'
import { absenceOf, describeAbsence, sameAbsence, type Absence } from '../registry/absence.js'
import { attempt } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { describe, WireError } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import type { Tools } from '../survey/tools.js'
import { readingFor, type CheckOptions } from './check-options.js'

/** The result of one response. `absent`: a 404 that must still be compared with the 404 for a digest that never existed. */
export type Seen = { readonly is: 'absent'; readonly how: Absence } | Exclude<Finding, { is: 'gone' }>

/** One check of an item on one endpoint. */
export interface Check {
  readonly item: Item
  readonly endpoint: Endpoint
  readonly seen: Seen
  /** The failures before the response, as statuses or error codes. */
  readonly lost?: readonly string[]
}

/**
 * Checks one item on one endpoint. If a 404 comes out of a cache, sends the request once more with a query string that the
 * cache has not seen.
 *
 * @throws Stopped
 */
export async function check(
  { client, random }: Tools,
  options: CheckOptions,
  item: Item,
  endpoint: Endpoint,
): Promise<Check> {
  const reading = readingFor(options, 'verify')
  const send = (cacheBuster?: string): Promise<Response | WireError> => {
    const how = cacheBuster === undefined ? reading : { ...reading, cacheBuster }
    return attempt(
      item.kind === 'tag' || endpoint === 'manifests'
        ? client.manifest(options.repository, item.name, how)
        : client.blob(options.repository, item.name, how),
    )
  }
  let response = await send()
  if (
    !(response instanceof WireError) &&
    absenceOf(response) !== undefined &&
    cacheOf(response) !== undefined
  )
    response = await send(random.hex(8))
  const lost = response instanceof WireError ? undefined : response.lost
  return { item, endpoint, seen: see(response, endpoint), ...(lost !== undefined && { lost }) }
}

/** @returns the result of the response to a GET, or of the failure */
export function see(response: Response | WireError, endpoint: Endpoint): Seen {
  if (response instanceof WireError)
    return { is: 'inconclusive', flaw: { kind: 'proves-nothing', answered: response.message } }
  const how = absenceOf(response)
  const cache = cacheOf(response)
  if (how !== undefined && cache !== undefined)
    return { is: 'inconclusive', flaw: { kind: 'cached-absence', status: how.status, cache } }
  if (how !== undefined) return { is: 'absent', how }
  if (response.redirected) return { is: 'present', endpoint, flaw: { kind: 'redirected' } }
  if (response.status < 200 || response.status > 299)
    return { is: 'inconclusive', flaw: { kind: 'proves-nothing', answered: describe(response) } }
  const flaw: FindingFlaw = {
    kind: 'served',
    status: response.status,
    headersOnly: response.cut,
    ...(cache !== undefined && { cache }),
  }
  return { is: 'present', endpoint, flaw }
}

/**
 * @param never the response for a digest or tag that never existed
 * @returns `gone` if the response for the item is the same, else why it is not gone
 */
export function compare(seen: Seen, never: Absence): Finding {
  if (seen.is !== 'absent') return seen
  if (sameAbsence(seen.how, never)) return { is: 'gone' }
  return {
    is: 'inconclusive',
    flaw: {
      kind: 'foreign-absence',
      answered: describeAbsence(seen.how),
      never: describeAbsence(never),
    },
  }
}

/** @returns the worse of two findings about one item, one from each endpoint */
export function worse(one: Finding | undefined, other: Finding): Finding {
  if (one === undefined || one.is === 'gone') return other
  if (other.is === 'gone' || one.is === 'present') {
    // If both endpoints serve it, delete the manifest first: the registry may store manifests among its blobs.
    return other.is === 'present' && other.endpoint === 'manifests' ? other : one
  }
  return other
}
