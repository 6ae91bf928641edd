import type { Digest } from '../../../../src/oci/digest.js'
import type { Tag } from '../../../../src/oci/tag.js'
import type { Untagging } from '../../../../src/survey/facts.js'
import type { Seen } from '../world/look.js'
import type { Purge, Question } from '../world/world.js'
import { add, needsOf } from './belonging.js'
import { blindSpots, ofLabels, type Reason, type Reasons } from './reasons.js'

/** What must be so where only labels go. */
export interface LabelTruth extends Reasons {
  /** Labels that go, with what they resolve to and what they stand for. */
  readonly going: ReadonlyMap<Tag, { readonly digest: Digest | undefined; readonly root: Digest }>
  readonly remaining: ReadonlyMap<Tag, Digest | undefined>
  /** Whether one of the named labels is there, so that a way is needed to remove it. */
  readonly needed: boolean
}

export function truthOfLabels(
  { target }: Purge,
  seen: Seen,
  question: Question,
  untagging: Untagging,
): LabelTruth {
  const { tags, listed } = seen.facts
  const resolved = (tag: Tag): Digest | undefined => {
    const state = tags.get(tag)
    return state?.is === 'resolved' ? state.digest : undefined
  }
  const going = new Map<Tag, { digest: Digest | undefined; root: Digest }>()
  for (const { tag, digest: pinned } of target.tags) {
    const root = pinned ?? resolved(tag)
    if (root !== undefined) going.set(tag, { digest: resolved(tag), root })
  }
  const named = new Set(target.tags.map(({ tag }) => tag))
  const remaining = new Map<Tag, Digest | undefined>()
  for (const [tag, { is }] of tags)
    if (!named.has(tag) && (is !== 'unknown' || listed.includes(tag))) remaining.set(tag, resolved(tag))

  const holders = new Map<Digest, Set<Tag>>()
  for (const tag of [...named, ...remaining.keys()]) {
    const digest = resolved(tag)
    if (digest === undefined) continue
    for (const each of needsOf(seen, [digest], new Set()).all) add(holders, each, tag)
  }
  const { refused, ignored } = blindSpots(seen, question, remaining, holders)
  const reasons = new Set<Reason>(ofLabels(target, seen).reasons)
  if (refused) reasons.add('remaining unreadable')
  const needed = [...named].some((tag) => resolved(tag) !== undefined)
  const denied = untagging.is === 'impossible' && untagging.deletion.is === 'denied'
  if (needed && untagging.is === 'impossible' && !(denied && question.dryRun)) reasons.add('deletion')
  return { going, remaining, needed, reasons, ignored }
}
