import type { Digest } from '../../oci/digest.js'
import { keyOf, subjectKey, type Tag } from '../../oci/tag.js'
import type { Survey } from '../../survey/facts.js'
import type { Holders } from '../holders.js'
import type { Remaining, Rules } from '../plan.js'
import type { UnknownNeeds } from '../problems/plan.js'

/** The tags and manifests to check for items that cannot be read. */
interface Scene {
  readonly survey: Survey
  readonly remaining: readonly Remaining[]
  readonly holders: Holders
  /** The manifests of the image and of everything attached to it. */
  readonly image: ReadonlySet<Digest>
}

/** The refusals and warnings about items that cannot be read. */
export interface Unreadable {
  readonly refusals: readonly UnknownNeeds[]
  readonly warnings: readonly UnknownNeeds[]
  /** Items that `unreadable-tags: ignore` ignores: tags, manifests that a tag needs, and subjects of referrers. */
  readonly ignored: ReadonlySet<Tag | Digest>
}

/** An item that cannot be read. */
interface Finding {
  readonly problem: UnknownNeeds
  /** The item that later checks ignore if this finding is ignored. */
  readonly name: Tag | Digest
}

type Pass = Pick<Extract<UnknownNeeds, { kind: 'protected-tag-dangles' }>, 'ignoring' | 'furtherTags'>

/**
 * Finds items that cannot be read. Nobody knows what content they need, so they refuse the plan, unless `unreadable-tags`
 * is `ignore`. Even then a contradictory response, a protected tag, or a tag that is attached to the image by its name
 * refuses it.
 */
export function unreadable(
  scene: Scene,
  { unreadableTags, furtherTags }: Pick<Rules, 'unreadableTags' | 'furtherTags'>,
): Unreadable {
  const pass = (passable: boolean): Pass => ({
    ignoring: !passable ? 'never' : unreadableTags === 'ignore' ? 'ignored' : 'possible',
    furtherTags,
  })
  const guarded = new Set(scene.remaining.flatMap((each) => (each.protected ? [each.tag] : [])))
  const findings = [
    ...unreadableTagsIn(scene, guarded, pass),
    ...unreadableManifestsIn(scene, guarded, pass),
    ...unclearReferrersIn(scene, pass),
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
  { survey, remaining, holders, image }: Scene,
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
  { survey, holders }: Scene,
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

function unclearReferrersIn({ survey, holders }: Scene, pass: (passable: boolean) => Pass): Finding[] {
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
