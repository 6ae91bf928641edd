import { EMPTY_BLOBS, type Digest } from '../../oci/digest.js'
import type { Manifest } from '../../oci/manifest.js'
import type { Survey, Target } from '../../survey/facts.js'
import type { UnreadManifest } from '../../survey/problem.js'
import type { Rules } from '../plan.js'
import type { NamedProblem } from '../problems/plan.js'
import { partsOf } from './named-by.js'
import { needed } from './needed.js'
import type { Question } from './refuse.js'

/** Finds named items that cannot be deleted: absent ones, wrong ones, and those that a remaining tag needs. */
export function named(question: Question): NamedProblem[] {
  const { target, survey, rules } = question
  return [
    ...namedLabels(target, survey, rules),
    ...contentOf(question),
    ...misnamed(target, survey),
    ...needed(question),
  ]
}

/** Checks the named tags: each must resolve to the digest written beside it, and be listed. */
export function namedLabels(
  target: Target,
  survey: Survey,
  { scope, furtherTags }: Pick<Rules, 'scope' | 'furtherTags'>,
): NamedProblem[] {
  const { repository } = target
  const listed = new Set(survey.listed)
  return target.tags.flatMap(({ tag, digest: written }): NamedProblem[] => {
    const state = survey.tags.get(tag)
    const about = { repository, tag }
    if (state === undefined || state.is === 'unknown') {
      if (written !== undefined) return []
      if (listed.has(tag)) return [{ kind: 'tag-dangles', ...about, scope }]
      return [{ kind: 'tag-absent', ...about, listed: survey.listed }]
    }
    if (state.is !== 'resolved') return [{ kind: 'tag-unreadable', ...about, why: state.why, furtherTags }]
    const { digest } = state
    if (written !== undefined && written !== digest)
      return [{ kind: 'tag-elsewhere', ...about, digest, written, scope }]
    return listed.has(tag) ? [] : [{ kind: 'tag-unlisted', ...about }]
  })
}

/** Checks the manifests of the images and of everything attached to them: the content of each must be known. */
function contentOf(question: Question): NamedProblem[] {
  const { target, survey, selected } = question
  const { whole, reach, holders, named } = selected
  const roots = rootsOf(target, survey)
  const found = [...whole.manifests].flatMap((digest): Unusable[] => {
    // The content of an attached manifest that is kept need not be known.
    if (holders.held.has(digest) && !reach.manifests.has(digest)) return []
    const missing = survey.missing.get(digest)
    const strange = kindProblem(survey.manifests.get(digest))
    const problems: Unusable[] = strange === undefined ? [] : [{ kind: strange, digest }]
    if (missing?.is === 'missing' && roots.has(digest) && target.blobs.length === 0)
      problems.push({ kind: 'manifest-absent', digest })
    if (missing !== undefined && missing.is !== 'missing' && !whole.blobs.has(digest))
      problems.push({ kind: 'manifest-unreadable', digest, why: missing.why })
    return problems
  })
  if (found.length === 0) return []
  const partOf = partsOf(named, question)
  return found.map((each) => ({ ...each, repository: target.repository, part: partOf(each.digest) }))
}

/** A manifest that cannot be purged, and why. */
type Unusable =
  | { readonly kind: 'manifest-unreadable'; readonly digest: Digest; readonly why: UnreadManifest }
  | { readonly kind: 'manifest-absent' | Strange; readonly digest: Digest }

type Strange = 'manifest-schema1' | 'manifest-of-unknown-kind' | 'content-of-unknown-type'

/** The manifests that were named by digest, or beside a tag that does not resolve. */
function rootsOf({ digests, tags }: Target, survey: Survey): Set<Digest> {
  const absent = tags.filter(({ tag }) => survey.tags.get(tag)?.is !== 'resolved')
  return new Set([...digests, ...absent.flatMap(({ digest }) => digest ?? [])])
}

function kindProblem(manifest: Manifest | undefined): Strange | undefined {
  if (manifest?.kind === 'schema1') return 'manifest-schema1'
  if (manifest?.kind === 'unknown') return 'manifest-of-unknown-kind'
  return (manifest?.written ?? []).length > 0 ? 'content-of-unknown-type' : undefined
}

/** Finds blobs that were named as manifests, and manifests that were named as blobs. */
function misnamed(target: Target, survey: Survey): NamedProblem[] {
  const { repository } = target
  const empty = [...rootsOf(target, survey)].filter((digest) => EMPTY_BLOBS.has(digest))
  const manifests = target.blobs.filter((digest) => survey.manifests.has(digest))
  return [
    ...empty.map((digest) => ({ kind: 'empty-blob-named', repository, digest }) as const),
    ...manifests.map((digest) => ({ kind: 'manifest-among-blobs', repository, digest }) as const),
  ]
}
