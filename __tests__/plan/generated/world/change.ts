import fc from 'fast-check'
import { sha256 } from '../../../../src/oci/digest.js'
import { attach, attachment } from './attachments.js'
import { choice, pick, rarely, tagOf } from './choice.js'
import { recipe } from './question.js'
import { write } from './write.js'
import type { World } from './world.js'

/** What may happen to the tags while a purge is under way. */
export const change = fc.array(
  fc.record({
    what: fc.constantFrom('push', 'move', 'remove', 'clear', 'clear', 'break', 'bring back', 'attach'),
    tag: choice,
    at: rarely(2, choice),
    fresh: recipe,
    attachment,
  }),
  { maxLength: 5 },
)

export type Change = (typeof change extends fc.Arbitrary<infer T> ? T : never)[number]

/** @returns the world after others have pushed, moved, removed and signed in it. */
export function changed(world: World, changes: readonly Change[]): World {
  const tags = new Map(world.tags)
  const stored = [...world.stored.values()]
  for (const [number, { what, tag, at, fresh, attachment }] of changes.entries()) {
    const names = [...tags.keys()]
    const name = what === 'push' || names.length === 0 ? tagOf(`new${number}`) : pick(names, tag)
    if (what === 'remove') tags.delete(name)
    else if (what === 'clear') names.filter((each) => /^t/.test(each)).forEach((each) => tags.delete(each))
    else if (what === 'attach') attach(attachment, 50 + number, stored, tags)
    else if (what === 'break') tags.set(name, { at: sha256(`gone ${number}`), listed: true })
    else {
      const made = write(fresh, 100 + number, stored)
      const digest = at === undefined ? made.at(-1)?.digest : pick(stored, at).digest
      if (at === undefined) stored.push(...made)
      if (digest !== undefined) tags.set(name, { at: digest, listed: true })
    }
  }
  return { ...world, stored: new Map(stored.map((each) => [each.digest, each])), tags }
}
