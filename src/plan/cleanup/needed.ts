import type { Digest } from '../../oci/digest.js'
import { reach } from '../../oci/graph.js'
import type { Tag } from '../../oci/tag.js'
import type { Facts } from '../../survey/facts.js'
import { attach, type Attached } from '../attached.js'
import type { Pointers } from '../holders.js'
import { configsOf } from '../refusals/aliases.js'
import { compare } from '../order.js'
import type { Image } from './match.js'

const TAGS = 5

/** What is asked of the images that were selected. */
interface Question {
  readonly facts: Facts
  /** Every tag that stays, and what it points at. */
  readonly staying: Pointers
  /** Tags that stay whatever they belong to. */
  readonly guarded: ReadonlySet<Tag>
}

/**
 * Finds the images that cannot go whole, since a tag that stays needs them, shows one of their manifests, or shows the
 * same image by another manifest (safety rules 2 and 3). Of these only the labels go. What they need stays, too, and may
 * keep the next image: so this is asked until nothing more is found.
 *
 * @returns why, for each of them
 */
export function neededImages(
  images: readonly Image[],
  { facts, staying, guarded }: Question,
): Map<Digest, string> {
  const needed = new Map<Digest, string>()
  const pointers = new Map(staying)
  const pointing = Map.groupBy(staying.keys(), (tag) => staying.get(tag))
  let open = images
  for (;;) {
    const roots = new Set(open.map(({ digest }) => digest))
    // None of them was named: one that refers to an image that stays, such as a signature, belongs to that.
    const whole = attach(roots, pointers, facts, new Set(), guarded)
    const held = heldConfigs(facts, whole)
    const found = new Map(
      open.flatMap(({ digest }): [Digest, string][] => {
        const why = reason(digest, facts, whole, { pointing, held })
        return why === undefined ? [] : [[digest, why]]
      }),
    )
    if (found.size === 0) return needed
    for (const { digest, tags } of open) {
      const why = found.get(digest)
      if (why === undefined) continue
      needed.set(digest, why)
      for (const tag of tags) pointers.set(tag, digest)
    }
    open = open.filter(({ digest }) => !found.has(digest))
  }
}

/** The manifests that stay, by their config. */
function heldConfigs({ manifests }: Facts, { holders }: Attached): Map<Digest, Digest[]> {
  const held = new Map<Digest, Digest[]>()
  for (const [digest, { config }] of manifests) {
    if (config === undefined || !holders.held.has(digest)) continue
    const list = held.get(config.digest)
    if (list === undefined) held.set(config.digest, [digest])
    else list.push(digest)
  }
  return held
}

interface Staying {
  /** The tags that stay, by what they point at. */
  readonly pointing: ReadonlyMap<Digest | undefined, readonly Tag[]>
  /** The manifests that stay, by their config. */
  readonly held: ReadonlyMap<Digest, readonly Digest[]>
}

/** @returns why an image cannot go whole, or undefined */
function reason(
  root: Digest,
  facts: Facts,
  whole: Attached,
  { pointing, held }: Staying,
): string | undefined {
  const { manifests } = reach([root], facts, false)
  for (const digest of manifests) {
    const on = [...(pointing.get(digest) ?? [])].sort(compare)
    if (on.length === 0) continue
    const more = on.length > TAGS ? ` and ${on.length - TAGS} more` : ''
    const what = digest === root ? 'its manifest' : `its child ${digest}`
    return `${on.slice(0, TAGS).join(', ')}${more} ${on.length === 1 ? 'points' : 'point'} at ${what}, too`
  }
  if (whole.holders.held.has(root)) return 'an index or an image that stays needs its manifest'
  for (const config of configsOf(manifests, facts, whole.manifests)) {
    const other = held.get(config)?.find((digest) => !manifests.has(digest))
    if (other !== undefined) return `${other}, which stays, is the same image by its config`
  }
  return undefined
}
