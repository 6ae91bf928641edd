import { essence } from '../oci/mediatype.js'
import { firstCode, isGone } from './errors.js'
import type { Response } from './send.js'

/** How a registry reports missing content: the parts of such a response that do not depend on the digest. */
export interface Absence {
  readonly status: number
  /** The media type without parameters. */
  readonly type: string
  /** The first error code of the body, or ''. */
  readonly code: string
}

/**
 * @returns the absence that a 404 or 410 reports, or undefined for any other response. A 404 from the storage that the
 *   registry redirects to does not count: the registry still knows the content
 */
export function absenceOf(response: Response): Absence | undefined {
  if (!isGone(response) || response.redirected) return undefined
  const type = essence(response.headers.get('content-type'))
  return { status: response.status, type, code: firstCode(response) }
}

/**
 * Compares two absences by status, media type and error code. It ignores the bodies, which repeat the digest.
 *
 * A gateway in front of a registry may return a 404 page of its own. A registry returns the same absence for every
 * missing digest. So a 404 is the registry's own if the request for a digest that never existed gets the same absence.
 */
export function sameAbsence(one: Absence, other: Absence): boolean {
  return one.status === other.status && one.type === other.type && one.code === other.code
}

/** @returns for example `404 application/json BLOB_UNKNOWN`, in a bounded length */
export function describeAbsence({ status, type, code }: Absence): string {
  return [String(status), type.slice(0, 60) || 'without a media type', code]
    .filter((part) => part !== '')
    .join(' ')
}
