/** RFC 3339, "Internet Date/Time Format": lower-case letters are accepted, leap seconds are not. */
const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

/** The start of the year 0000 and the end of 9999, in milliseconds since the epoch. */
const [FIRST, END] = [-62_167_219_200_000, 253_402_300_800_000]

/**
 * Parses a time in RFC 3339 format with microseconds: images of one build can be less than a millisecond apart.
 *
 * @returns milliseconds since the epoch, with a fraction, or undefined if there is no such time (30 February)
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
  // Date.UTC would move a year below 100 into the 20th century.
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  const offset = (Number(offHour) * 60 + Number(offMinute)) * (sign === '-' ? -1 : 1)
  const local = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
  const instant = local - offset * 60_000 + Math.floor(Number(`0.${fraction}0`) * 1e6) / 1000
  // An offset can move the time out of the years 0000 to 9999.
  return instant < FIRST || instant >= END ? undefined : instant
}
