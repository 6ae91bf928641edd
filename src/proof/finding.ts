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

/** What one response says, before it is known whether its 404 is the registry's own. */
export type Seen = { readonly is: 'absent'; readonly how: Absence } | Exclude<Finding, { is: 'gone' }>

/** One check of an item on one endpoint. */
export interface Check {
  readonly item: Item
  readonly endpoint: Endpoint
  readonly seen: Seen
  /** The failures before the response: a status or a code each. */
  readonly lost?: readonly string[]
}

/**
 * Checks one item on one endpoint. If the 404 comes out of a cache, the request is sent once more with a query that the
 * cache does not know.
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

/** @returns what the response to a GET says, or the failure in its place */
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
 * @param never how the registry says that something is not there which never existed
 * @returns `gone` if the item is absent in the same way, else what was seen
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
    // If both endpoints serve it, the manifest is deleted first: a blob entry may only mirror it.
    return other.is === 'present' && other.endpoint === 'manifests' ? other : one
  }
  return other
}
