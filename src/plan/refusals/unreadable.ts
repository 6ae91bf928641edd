import type { Digest } from '../../oci/digest.js'
import { keyOf, subjectKey, type Tag } from '../../oci/tag.js'
import type { Survey } from '../../survey/facts.js'
import type { Holders } from '../holders.js'
import type { Remaining, Rules } from '../plan.js'
import type { UnknownNeeds } from '../problems/plan.js'

/** Where to look for something that cannot be read. */
interface Stays {
  readonly survey: Survey
  readonly remaining: readonly Remaining[]
  readonly holders: Holders
  /** The manifests of the image and of what is attached to it. */
  readonly image: ReadonlySet<Digest>
}

/** What to do about what cannot be read. */
export interface Unreadable {
  readonly refusals: readonly UnknownNeeds[]
  readonly warnings: readonly UnknownNeeds[]
  /** What `unreadable-tags: ignore` passes over: tags, manifests that some tag needs, and subjects of referrers. */
  readonly ignored: ReadonlySet<Tag | Digest>
}

/** Something that cannot be read. */
interface Finding {
  readonly problem: UnknownNeeds
  /** What a later check ignores if this is ignored. */
  readonly name: Tag | Digest
}

type Pass = Pick<Extract<UnknownNeeds, { kind: 'protected-tag-dangles' }>, 'ignoring' | 'furtherTags'>

/**
 * Finds what cannot be read. What it needs is unknown, so it refuses, unless `unreadable-tags` is `ignore`. That input
 * never passes over a contradictory response, a protected tag, or a tag that belongs to the image by its name.
 */
export function unreadable(
  stays: Stays,
  { unreadableTags, furtherTags }: Pick<Rules, 'unreadableTags' | 'furtherTags'>,
): Unreadable {
  const pass = (passable: boolean): Pass => ({
    ignoring: !passable ? 'never' : unreadableTags === 'ignore' ? 'ignored' : 'possible',
    furtherTags,
  })
  const guarded = new Set(stays.remaining.flatMap((each) => (each.protected ? [each.tag] : [])))
  const findings = [
    ...unreadableTagsIn(stays, guarded, pass),
    ...unreadableManifestsIn(stays, guarded, pass),
    ...unclearReferrersIn(stays, pass),
  ]
  const ignored = findings.filter(({ problem }) => isIgnored(problem))
  return {
    refusals: findings.flatMap(({ problem }) => (isIgnored(problem) ? [] : [problem])),
    warnings: ignored.map(({ problem }) => problem),
    ignored: new Set(ignored.map(({ name }) => name)),
  }
}

function isIgnored(problem: UnknownNeeds): boolean {
  return 'ignoring' in problem && problem.ignoring === 'ignored'
}

function unreadableTagsIn(
  { survey, remaining, holders, image }: Stays,
  guarded: ReadonlySet<Tag>,
  pass: (passable: boolean) => Pass,
): Finding[] {
  const { repository } = survey
  const keys = new Set([...image].filter((digest) => !holders.held.has(digest)).map(keyOf))
  return remaining.flatMap(({ tag }): Finding[] => {
    const state = survey.tags.get(tag)
    const about = { repository, tag }
    const found = (problem: UnknownNeeds): Finding[] => [{ problem, name: tag }]
    if (state?.is === 'lie') return found({ kind: 'remaining-tag-contradictory', ...about, why: state.why })
    if (state?.is === 'unknown')
      return guarded.has(tag) ? found({ kind: 'protected-tag-dangles', ...about, ...pass(false) }) : []
    if (state?.is !== 'unreadable') return []
    const { why } = state
    return keys.has(subjectKey(tag) ?? '')
      ? found({ kind: 'attached-tag-unreadable', ...about, why })
      : found({ kind: 'remaining-tag-unreadable', ...about, why, ...pass(!guarded.has(tag)) })
  })
}

function unreadableManifestsIn(
  { survey, holders }: Stays,
  guarded: ReadonlySet<Tag>,
  pass: (passable: boolean) => Pass,
): Finding[] {
  const { repository, missing: all } = survey
  const blind = new Set([...all.keys()].filter((digest) => holders.held.has(digest)))
  return [...holders.of(blind)].map(([digest, tags]) => {
    const missing = all.get(digest)
    const why = missing === undefined || missing.is === 'missing' ? {} : { why: missing.why }
    const passable = missing?.is !== 'lie' && !tags.some((tag) => guarded.has(tag))
    return {
      problem: { kind: 'needed-manifest-unreadable', repository, digest, tags, ...why, ...pass(passable) },
      name: digest,
    }
  })
}

function unclearReferrersIn({ survey, holders }: Stays, pass: (passable: boolean) => Pass): Finding[] {
  const { repository, referrersUnclear } = survey
  return [...referrersUnclear].flatMap(([subject, why]): Finding[] =>
    holders.held.has(subject)
      ? [
          {
            problem: { kind: 'remaining-referrers-unclear', repository, subject, why, ...pass(true) },
            name: subject,
          },
        ]
      : [],
  )
}
