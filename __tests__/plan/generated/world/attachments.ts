import fc from 'fast-check'
import type { Digest } from '../../../../src/oci/digest.js'
import { choice, few, rarely, tagOf, type TagMap } from './choice.js'
import { referrersIndex, write, type Recipe } from './write.js'
import { prefixOf, type Stored } from './world.js'

const ending = fc.constantFrom('.sig', '.sig', '.att', '.sbom')

/** Signatures and the like, and how they are attached to what was stored before them, or to each other. */
export const attachment = fc.record({
  how: fc.oneof(
    { weight: 4, arbitrary: fc.constant('referrer' as const) },
    { weight: 3, arbitrary: fc.constantFrom('tagged' as const, 'fallback' as const, 'mixed' as const) },
    { weight: 5, arbitrary: fc.constant('signature' as const) },
    { weight: 2, arbitrary: fc.constantFrom('two names' as const, 'two names' as const, 'circle' as const) },
  ),
  /** Any of what is stored: what is attached can have something attached to it. */
  of: choice,
  also: choice,
  ending,
  kind: fc.constantFrom(
    'image' as const,
    'empty-config' as const,
    'empty-config' as const,
    'artifact' as const,
  ),
  /** A signature that says by its `subject`, too, what it belongs to. */
  refers: fc.boolean(),
  layers: fc.array(choice, { maxLength: 2 }),
  /** Some tools give all that they make the same config. */
  configOf: rarely(3, fc.constant(7)),
  spelling: fc.nat({ max: 3 }),
  answers: fc.oneof(
    { weight: 40, arbitrary: fc.constant('whole' as const) },
    { weight: 1, arbitrary: fc.constantFrom('absent' as const, 'unreadable' as const, 'lie' as const) },
  ),
})

export const attachments = fc.array(attachment, { maxLength: 5 })

export type Attachment = typeof attachment extends fc.Arbitrary<infer T> ? T : never

/**
 * Attaches something to what is stored, and gives it the tags that it has.
 *
 * @param number no two attachments have the same one
 * @param stored what there is; what is made is added
 * @param tags the tags that there are; new ones are added
 */
export function attach(recipe: Attachment, number: number, stored: Stored[], tags: TagMap): void {
  const { how, of, also, ending } = recipe
  if (stored.length === 0) return
  const before = [...stored]
  const at = of % before.length
  const subject = before[at] as Stored
  const other = before[also % before.length] as Stored
  const make = (subject: number | undefined, twist = 0): Stored => {
    const made = write({ ...PLAIN, ...recipe, subject }, 10 * number + twist, before)
    stored.push(...made)
    return made.at(-1) as Stored
  }
  const name = (tag: string, { digest }: Stored): void => {
    tags.set(tagOf(tag), { at: digest, listed: true })
  }
  const byName = ({ digest }: Stored): string => `${prefixOf(digest)}${ending}`

  if (how === 'referrer') make(at)
  else if (how === 'tagged') name(`r${number}`, make(at))
  else if (how === 'fallback' || how === 'mixed') {
    make(at)
    const subjects = new Set([subject.digest])
    if (how === 'mixed') {
      make(also % before.length, 1)
      subjects.add(other.digest)
    }
    const listed = stored.filter((each) => refersTo(each, subjects))
    const index = referrersIndex(listed)
    stored.push(index)
    name(prefixOf(subject.digest), index)
  } else if (how === 'circle') {
    const one = make(undefined)
    name(byName(subject), one)
    name(byName(one), subject)
  } else {
    const made = make(recipe.refers ? at : undefined)
    name(byName(subject), made)
    if (how === 'two names') name(byName(other), made)
  }
}

function refersTo({ body }: Stored, subjects: ReadonlySet<Digest>): boolean {
  return subjects.has(JSON.parse(body).subject?.digest)
}

const PLAIN: Omit<Recipe, keyof Attachment | 'subject'> = {
  docker: false,
  children: [],
  emptyLayer: undefined,
  manifestAsLayer: undefined,
  layersInIndex: [],
  emptyChild: undefined,
  attestation: false,
}

/** Things that a referrers API gets wrong. */
export const wrong = fc.record({
  lies: few(12, fc.record({ of: choice, lists: choice }), 2),
  unclear: rarely(12, choice),
})
