import type { Digest } from '../../oci/digest.js'
import { subjectKey, type Tag } from '../../oci/tag.js'
import type { Survey } from '../../survey/facts.js'
import type { Asked, Rules } from '../plan.js'
import { imageKeysOf, lookupKeysOf } from '../select/image-key.js'
import { select, type Selected } from '../select/select.js'
import { guardedOf, pointersOf, remainingTags } from '../select/tags.js'
import { otherNames } from './aliases.js'
import { Growth, type Ground, type Name } from './growth.js'
import { Links } from './links.js'
import { holdersOfNamed } from './needed.js'

/** What a plan names, and the facts and rules for it. */
export interface Naming {
  readonly target: Asked
  readonly survey: Survey
  readonly rules: Pick<Rules, 'protectedTags' | 'tagsOnReferrers'>
}

/** What has to be named besides, so that no remaining tag serves the images or needs what was named. */
export type Closure =
  /** `along`: the tags that are deleted besides, since they are attached to what the names stand for. */
  | { readonly is: 'names'; readonly names: readonly Name[]; readonly along: readonly Tag[] }
  /** Nothing helps as long as these tags are protected. */
  | { readonly is: 'protected'; readonly tags: readonly Tag[] }

/** Turns in which attached items are found one after the other. More are found all at once. */
const TURNS = 20
/** How often names are tried without one of them, at most: each costs as much as a plan. */
const TRIES = 100
/** The same, for so many manifests together. */
const MANIFESTS = 40_000

/**
 * Finds what has to be named besides, so that the plan is no longer refused because a remaining tag serves an image under
 * another name, or needs something that was named. A tag that is named has its whole image purged, which other tags may
 * serve or need in turn, so this goes on until nothing more is found.
 *
 * A pure function. Its time grows with the number of manifests, and not with its square.
 *
 * @param selected what the plan selects without that
 */
export function closureOf(naming: Naming, selected: Selected): Closure {
  const { target, survey, rules } = naming
  const remaining = remainingTags(target, survey, rules)
  const pointers = pointersOf(remaining)
  const links = new Links(survey, pointers)
  const blobs = new Set(target.blobs)
  const ground: Ground = { facts: survey, links, pointers, guarded: guardedOf(remaining), blobs }
  const roots = [...selected.named].filter((digest) => !blobs.has(digest))
  let growth = new Growth(ground)
  growth.start(roots)
  let look = lookAt(naming, growth.names)
  let turn = 1
  for (; look.blocking.length > 0; turn++) {
    if (turn === TURNS) {
      growth = new Growth(ground, true)
      growth.start(roots)
    } else if (!growth.loosen(look.selected, look.blocking)) return { is: 'protected', tags: look.blocking }
    look = lookAt(naming, growth.names)
  }
  if (turn > 1) look = pruned(naming, look)
  return { is: 'names', names: look.names, along: alongWith(look, selected) }
}

interface Look {
  readonly names: readonly Name[]
  readonly selected: Selected
  /** The remaining tags because of which the plan is refused. */
  readonly blocking: readonly Tag[]
}

/** Plans once more, with some names besides. */
function lookAt({ target, survey, rules }: Naming, names: readonly Name[]): Look {
  const tags = names.flatMap(({ tag, digest }) => (tag === undefined ? [] : [{ tag, digest }]))
  const digests = names.flatMap(({ tag, digest }) => (tag === undefined ? [digest] : []))
  const more = { ...target, tags: [...target.tags, ...tags], digests: [...target.digests, ...digests] }
  const selected = select(more, survey, rules)
  const needing = [...holdersOfNamed(selected).values()].flat()
  return { names, selected, blocking: [...new Set([...otherNames(survey, selected), ...needing])] }
}

/**
 * Leaves out names that are not needed: an attached item is found before the image that it is attached to, and is
 * deleted with it. With very many manifests a few may be left that are not needed.
 */
function pruned(naming: Naming, whole: Look): Look {
  const { survey } = naming
  const isAttached = ({ tag, digest }: Name): boolean =>
    tag === undefined || subjectKey(tag) !== undefined || survey.manifests.get(digest)?.subject !== undefined
  const plain = lookAt(
    naming,
    whole.names.filter((name) => !isAttached(name)),
  )
  let look = isEnough(plain, whole.names.filter(isAttached), survey) ? plain : whole
  let tries = Math.min(TRIES, MANIFESTS / survey.manifests.size)
  for (let at = 0; at < look.names.length && tries > 0; tries--) {
    const rest = lookAt(naming, look.names.toSpliced(at, 1))
    if (!isEnough(rest, look.names.slice(at, at + 1), survey)) at++
    else [look, at] = [rest, 0]
  }
  return look
}

/** Whether names are enough without these, and these serve no manifest of the same images either. */
function isEnough({ selected, blocking }: Look, without: readonly Name[], survey: Survey): boolean {
  if (blocking.length > 0) return false
  const { reach, whole, holders, tags, manifests } = selected
  const deleted = new Set<Tag | Digest>([
    ...tags.map(({ tag }) => tag),
    ...manifests.map(({ digest }) => digest),
  ])
  const staying = without.filter(({ tag, digest }) => !deleted.has(tag ?? digest))
  const keys = imageKeysOf(reach.manifests, survey, whole.manifests)
  return ![...holders.needs(staying.map(({ digest }) => digest)).manifests].some((each) => {
    const manifest = survey.manifests.get(each)
    return manifest !== undefined && lookupKeysOf(manifest).some((key) => keys.has(key))
  })
}

/** The tags that a plan with more names deletes, without those that it names or would delete anyway. */
function alongWith({ names, selected }: Look, { tags }: Selected): Tag[] {
  const known = new Set([...tags, ...names].map(({ tag }) => tag))
  return selected.tags.flatMap(({ tag }) => (known.has(tag) ? [] : [tag]))
}
