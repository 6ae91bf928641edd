import fc from 'fast-check'
import { parseTag, type Tag } from '../../../../src/oci/tag.js'
import type { Pointer } from './world.js'

/** A number that is taken modulo the length of whatever list it chooses from: it shrinks well. */
export const choice = fc.nat({ max: 999 })

/** Nothing, but for one time in `every`. */
export function rarely<T>(every: number, what: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: every - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: what })
}

export function few<T>(every: number, what: fc.Arbitrary<T>, most = 1): fc.Arbitrary<T[]> {
  return rarely(every, fc.array(what, { minLength: 1, maxLength: most })).map((list) => list ?? [])
}

export type TagMap = Map<Tag, Pointer>

export function tagOf(text: string): Tag {
  const tag = parseTag(text)
  if (tag === undefined) throw new Error(`${text} is no tag`)
  return tag
}

export function pick<T>(list: readonly T[], at: number): T {
  return list[at % list.length] as T
}
