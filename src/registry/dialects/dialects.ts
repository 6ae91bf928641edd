import type { Dialect } from './dialect.js'
import { gitlab } from './gitlab.js'
import { tag } from './tag.js'

/** Every dialect, in the order in which they are probed. */
export const DIALECTS = [tag, gitlab] as const

/** The name of a dialect. */
export type DialectName = (typeof DIALECTS)[number]['name']

/** @returns the dialect of this name, or undefined if it names something else, such as the placeholder */
export function dialectOf(name: string | undefined): Dialect | undefined {
  return DIALECTS.find((dialect) => dialect.name === name)
}
