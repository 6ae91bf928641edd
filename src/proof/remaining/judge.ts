import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { Lacking, RemainingFlaw } from '../../plan/flaw.js'
import type { Remaining, RepositoryPlan } from '../../plan/plan.js'
import type { RemainingTag, RemainingVerdict } from '../../plan/standing.js'
import type { Facts } from '../../survey/facts.js'
import type { UnreadManifest } from '../../survey/problem.js'
import type { Content } from './content.js'
import type { Needs } from './needs.js'

/** The data by which remaining tags are judged. */
export interface Evidence {
  readonly plan: RepositoryPlan
  /** Every tag as it is now. */
  readonly facts: Facts
  /** Every digest in a DELETE of this run. */
  readonly touched: ReadonlySet<Digest>
  /** The placeholders of this run. If a purged tag points to one, nobody else moved it. */
  readonly placeholders: ReadonlySet<Digest>
  readonly needs: ReadonlyMap<Digest, Needs>
  /** The content that was checked. Digests that it lacks were read with their tags. */
  readonly contents: ReadonlyMap<Digest, Content>
}

interface Judgement {
  readonly verdict: RemainingVerdict
  readonly flaw?: RemainingFlaw
}

/** @returns every tag that was to be kept, is new, or moved, sorted by name */
export function judgeTags(evidence: Evidence): RemainingTag[] {
  const { plan, facts, placeholders } = evidence
  const purged = new Map(plan.tags.map(({ tag, digest }) => [tag, digest]))
  const before = new Map(plan.remaining.map((each) => [each.tag, each]))
  const remaining: RemainingTag[] = []
  for (const tag of [...new Set([...before.keys(), ...facts.tags.keys()])].sort()) {
    const known = before.get(tag)
    const state = facts.tags.get(tag)
    const resolved = state?.is === 'resolved' ? state.digest : undefined
    const isPurged = purged.has(tag)
    if (isPurged && (resolved === undefined || resolved === purged.get(tag) || placeholders.has(resolved)))
      continue
    if (known === undefined && (state === undefined || state.is === 'unknown')) continue
    const digest = resolved ?? known?.digest
    remaining.push({
      tag,
      protected: known?.protected ?? false,
      ...(digest !== undefined && { digest }),
      ...(resolved === undefined
        ? judgeUnresolved(evidence, tag, known)
        : judgeResolved(evidence, resolved, known, isPurged)),
    })
  }
  return remaining
}

function judgeUnresolved({ plan, facts }: Evidence, tag: Tag, known: Remaining | undefined): Judgement {
  const state = facts.tags.get(tag)
  if (state === undefined || state.is === 'unknown' || state.is === 'resolved') {
    if (known?.digest === undefined) return { verdict: 'broken-before', flaw: { kind: 'dangled' } }
    return { verdict: 'removed', flaw: { kind: 'removed' } }
  }
  const { why } = state
  if (state.is === 'unreadable' && plan.ignored.has(tag))
    return { verdict: 'broken-before', flaw: { kind: 'never-readable', why } }
  const isUnknown = state.is === 'unreadable' && isFailedRead(why)
  return { verdict: isUnknown ? 'unchecked' : 'broken', flaw: { kind: 'unreadable', why } }
}

/** @returns whether a request failed, so that nothing is known of the manifest */
function isFailedRead({ is }: UnreadManifest): boolean {
  return is === 'unanswered' || is === 'refused' || is === 'cached'
}

function judgeResolved(
  { plan, facts, touched, needs, contents }: Evidence,
  digest: Digest,
  known: Remaining | undefined,
  isPurged: boolean,
): Judgement {
  const same = known?.digest === digest
  const lacking = lackingOf(needs.get(digest), contents)
  if (lacking.length === 0) {
    const expected = same || (known === undefined && !isPurged)
    return expected ? { verdict: 'intact' } : { verdict: 'moved', flaw: { kind: 'moved', digest } }
  }
  const isA = (is: Content['is']) => (each: Lacking) => contents.get(each.digest)?.is === is
  const missing = lacking.filter(isA('missing')).map((each) => each.digest)
  const deleted = missing.find((each) => touched.has(each))
  if (deleted !== undefined) return broken({ kind: 'lacks-deleted', digest: deleted })
  // A manifest that was readable at the start counts as broken, not as broken before.
  if (same && missing.some((each) => facts.manifests.has(each)))
    return broken({ kind: 'lacks-read', digests: missing })
  const unclear = lacking.filter(isA('unclear')).find((each) => !plan.ignored.has(each.digest))
  if (unclear !== undefined && (same || missing.length === 0))
    return { verdict: 'unchecked', flaw: { kind: 'unchecked', content: unclear } }
  const digests = lacking.map((each) => each.digest)
  if (!same) return broken({ kind: 'pushed-incomplete', digests })
  return { verdict: 'broken-before', flaw: { kind: 'lacks-unnamed', digests } }
}

function broken(flaw: RemainingFlaw): Judgement {
  return { verdict: 'broken', flaw }
}

/** @returns the needed content that may be missing */
export function lackingOf(needs: Needs | undefined, contents: ReadonlyMap<Digest, Content>): Lacking[] {
  if (needs === undefined) return []
  return [...needs.manifests, ...needs.blobs.keys()].flatMap((digest) => lackingIn(digest, contents))
}

/** @returns this content if it may be missing */
export function lackingIn(digest: Digest, contents: ReadonlyMap<Digest, Content>): Lacking[] {
  const content = contents.get(digest)
  return content === undefined || content.is === 'there' ? [] : [{ digest, flaw: content.flaw }]
}
