/** RFC 3339, "Internet Date/Time Format", with its lower-case letters and without its leap seconds. */
const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

/** 0000-01-01 and the end of 9999. */
const [FIRST, END] = [-62_167_219_200_000, 253_402_300_800_000]

/**
 * Reads a time as RFC 3339 writes it, to the microsecond: what one build made in a row can differ by less than a
 * millisecond.
 *
 * @returns milliseconds since the epoch, with a fraction, or undefined where it is none, such as the 30th of February
 */
export function parseInstant(text: string): number | undefined {
  const parts = INSTANT.exec(text)
  if (parts === null) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [fraction = '', sign, offHour = '0', offMinute = '0'] = parts.slice(7)
  if (hour > 23 || minute > 59 || second > 59 || Number(offHour) > 23 || Number(offMinute) > 59)
    return undefined
  const date = new Date(0)
  // Not Date.UTC, which takes a year below 100 for one of the 20th century.
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  const offset = (Number(offHour) * 60 + Number(offMinute)) * (sign === '-' ? -1 : 1)
  const local = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
  const instant = local - offset * 60_000 + Math.floor(Number(`0.${fraction}0`) * 1e6) / 1000
  // An offset can lead out of the years that the form has.
  return instant < FIRST || instant >= END ? undefined : instant
}
