import type { Digest } from '../../oci/digest.js'
import type { Created } from '../../survey/facts.js'
import { byDigest } from '../order.js'
import type { DateDoubt, StayReason } from '../reason.js'
import type { Image } from './match.js'

/** The criteria by date. Times in milliseconds. */
export interface Ages {
  /** 0: the age does not matter. */
  readonly olderThan: number
  /** How many of the newest images are kept. */
  readonly keepNewest: number
  /** The time from which age counts, since the epoch. */
  readonly asOf: number
}

/**
 * The first date that can be true. Reproducible builds write the beginning of an epoch instead. The latest of these is
 * the 1st of January 1980, which can be the 2nd in UTC.
 */
const FIRST = Date.UTC(1980, 0, 3)
/** Milliseconds that the clock of a builder may be ahead. */
const AHEAD = 3_600_000

/** @returns whether the selection depends on dates, so that the survey must read them */
export function needsDates({ olderThan, keepNewest }: Pick<Ages, 'olderThan' | 'keepNewest'>): boolean {
  return olderThan > 0 || keepNewest > 0
}

/** @returns the images whose dates matter. With `keepNewest`, these include protected images: they count among the newest */
export function dated(images: Iterable<Image>, { keepNewest }: Pick<Ages, 'keepNewest'>): Set<Digest> {
  return new Set(
    [...images].flatMap(({ digest, tags }) => (tags.length > 0 || keepNewest > 0 ? [digest] : [])),
  )
}

/**
 * Finds the images that are kept because of their date. An image whose date is unknown is always kept, and does not
 * count among the newest.
 *
 * @param images that match
 * @param created the dates of the images that `dated` returned
 */
export function stayForAge(
  images: ReadonlyMap<Digest, Image>,
  created: ReadonlyMap<Digest, Created>,
  ages: Ages,
): Map<Digest, StayReason> {
  const staying = new Map<Digest, StayReason>()
  if (!needsDates(ages)) return staying
  const { olderThan, keepNewest, asOf } = ages
  const known: { digest: Digest; at: number }[] = []
  for (const digest of images.keys()) {
    const date = judge(created.get(digest), asOf)
    if (date.kind === 'date-usable') known.push({ digest, at: date.at })
    else staying.set(digest, date)
  }
  // If two images have the same date, their digests decide, so every run makes the same choice.
  known.sort((one, other) => other.at - one.at || byDigest(one, other))
  for (const [place, { digest, at }] of known.entries()) {
    const age = asOf - at
    if (place < keepNewest) staying.set(digest, { kind: 'among-newest', place: place + 1, keepNewest })
    else if (olderThan > 0 && age <= olderThan) staying.set(digest, { kind: 'too-young', age, olderThan })
  }
  return staying
}

function judge(
  created: Created | undefined,
  asOf: number,
): { readonly kind: 'date-usable'; readonly at: number } | DateDoubt {
  if (created === undefined) return { kind: 'date-unknown' }
  if (created.is === 'unknown') return { kind: 'date-unknown', why: created.why }
  const { at } = created
  if (at < FIRST) return { kind: 'date-meaningless', at }
  return at > asOf + AHEAD ? { kind: 'date-in-future', at } : { kind: 'date-usable', at }
}
