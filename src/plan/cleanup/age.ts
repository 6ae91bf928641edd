import type { Digest } from '../../oci/digest.js'
import type { Created } from '../../survey/facts.js'
import { compare } from '../order.js'
import type { Image } from './match.js'

/** What selects by date. Times in milliseconds. */
export interface Ages {
  /** 0: the age does not matter. */
  readonly olderThan: number
  readonly keepNewest: number
  /** From when age counts. */
  readonly asOf: number
}

/**
 * Builds that want to be the same every time write a date at the beginning of some epoch, which says nothing: up to the 2nd
 * of January 1980, for those in every time zone that write the 1st.
 */
const FIRST = Date.UTC(1980, 0, 3)
/** Clocks of builders go wrong by so much. */
const AHEAD = 3_600_000
const DAY = 86_400_000
const HOUR = 3_600_000
const MINUTE = 60_000

/** @returns whether dates decide anything, and so have to be asked for */
export function needsDates({ olderThan, keepNewest }: Pick<Ages, 'olderThan' | 'keepNewest'>): boolean {
  return olderThan > 0 || keepNewest > 0
}

/** @returns the images whose dates decide: with `keep-newest` protected ones, too, since they fill places */
export function dated(images: Iterable<Image>, { keepNewest }: Pick<Ages, 'keepNewest'>): Set<Digest> {
  return new Set(
    [...images].flatMap(({ digest, tags }) => (tags.length > 0 || keepNewest > 0 ? [digest] : [])),
  )
}

/**
 * Finds out which images stay for their date. One whose date cannot be told is never selected, and takes no place among
 * the newest from one whose date can.
 *
 * @param images that match
 * @param created what `dated` asked for
 * @returns why, for each that stays
 */
export function stayForAge(
  images: ReadonlyMap<Digest, Image>,
  created: ReadonlyMap<Digest, Created>,
  ages: Ages,
): Map<Digest, string> {
  const staying = new Map<Digest, string>()
  if (!needsDates(ages)) return staying
  const { olderThan, keepNewest, asOf } = ages
  const known: { digest: Digest; at: number }[] = []
  for (const digest of images.keys()) {
    const date = judge(created.get(digest), asOf)
    if (typeof date === 'string') staying.set(digest, date)
    else known.push({ digest, at: date })
  }
  // Where two were created at the same moment, the digest decides: the same in every run.
  known.sort((one, other) => other.at - one.at || compare(one.digest, other.digest))
  for (const [place, { digest, at }] of known.entries()) {
    const age = asOf - at
    if (place < keepNewest)
      staying.set(digest, `number ${place + 1} of the newest, and keep-newest is ${keepNewest}`)
    else if (olderThan > 0 && age <= olderThan)
      staying.set(digest, `created ${span(age)} ago, and older-than is ${span(olderThan)}`)
  }
  return staying
}

/** @returns the date, or why it is none */
function judge(created: Created | undefined, asOf: number): number | string {
  if (created === undefined) return 'its date is not known'
  if (created.is === 'unknown') return `its date is not known: ${created.why}`
  const stated = `its date is ${new Date(created.at).toISOString()}`
  if (created.at < FIRST) return `${stated}, which says nothing`
  if (created.at > asOf + AHEAD) return `${stated}, which lies in the future`
  return created.at
}

/** @returns a length of time in the unit that reads best, such as `14d`, `36h` or `5m` */
export function span(ms: number): string {
  if (ms < 0) return '0m'
  if (ms >= 3 * DAY) return `${Math.floor(ms / DAY)}d`
  if (ms >= 3 * HOUR) return `${Math.floor(ms / HOUR)}h`
  return ms >= MINUTE ? `${Math.floor(ms / MINUTE)}m` : `${Math.floor(ms / 1000)}s`
}
