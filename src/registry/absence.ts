import { essence } from '../oci/mediatype.js'
import { errorEntries, isGone } from './errors.js'
import type { Response } from './send.js'

/** How a response says that something is not there. */
export interface Absence {
  readonly status: number
  /** Media type without parameters. */
  readonly type: string
  /** The first error code of the body, or '' if it has none. */
  readonly code: string
}

/**
 * @returns how the response says that something is not there; undefined if it says anything else. A 404 of the storage
 *   to which the registry redirects is not one: the registry still knows the content
 */
export function absenceOf(response: Response): Absence | undefined {
  if (!isGone(response) || response.redirected) return undefined
  const type = essence(response.headers.get('content-type'))
  return { status: response.status, type, code: errorEntries(response.body)[0]?.code ?? '' }
}

/**
 * A gateway in front of a registry has a 404 page of its own, for requests that never reach the registry. What the
 * registry itself says, it says of every digest alike: so a 404 is its own if a digest that never existed gets the same
 * status, media type and error code. Bodies differ, since they repeat the digest.
 */
export function sameAbsence(one: Absence, other: Absence): boolean {
  return one.status === other.status && one.type === other.type && one.code === other.code
}

/** @returns such as `404 application/json BLOB_UNKNOWN`; every part is bounded */
export function describeAbsence({ status, type, code }: Absence): string {
  return [String(status), type.slice(0, 60) || 'without a media type', code]
    .filter((part) => part !== '')
    .join(' ')
}
