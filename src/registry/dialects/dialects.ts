import type { Response } from '../send.js'
import { gitlab } from './gitlab.js'
import { serverlessRegistry } from './serverless-registry.js'
import type { Step } from './stepped-delete.js'
import { tag } from './tag.js'

/** The dialect of the specification. */
export const STANDARD = tag

/** Every dialect, in the order in which they are probed. */
export const DIALECTS = [STANDARD, gitlab] as const

type AnyDialect = (typeof DIALECTS)[number]

/** The name of a dialect. */
export type DialectName = AnyDialect['name']

/** @returns the dialect of this name, or undefined if it names something else, such as the placeholder */
export function dialectOf(name: string | undefined): AnyDialect | undefined {
  return DIALECTS.find((dialect) => dialect.name === name)
}

/**
 * @param way the name of the way in which this run removes labels; undefined if it is unknown or there are no labels
 * @returns the dialect of that name, or the standard one
 */
export function byName(way: string | undefined): AnyDialect {
  return dialectOf(way) ?? STANDARD
}

const STEPPED = [serverlessRegistry] as const

/**
 * @param from the URL of the item, without a query
 * @returns what follows a response to a DELETE that some registry spreads over several requests; undefined if it is final
 */
export function nextStep(response: Response, from: URL): Step | undefined {
  for (const stepped of STEPPED) {
    const step = stepped.next(response, from)
    if (step !== undefined) return step
  }
  return undefined
}
