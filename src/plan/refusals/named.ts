import { EMPTY_BLOBS, type Digest } from '../../oci/digest.js'
import type { Manifest } from '../../oci/manifest.js'
import type { Survey, Target } from '../../survey/facts.js'
import type { Rules } from '../plan.js'
import type { NamedProblem } from '../problems/plan.js'
import type { Selected } from '../select/select.js'
import { tagsAt } from './tags-at.js'

/** Finds named items that cannot be deleted: absent ones, wrong ones, and those that a remaining tag needs. */
export function named(target: Target, survey: Survey, selected: Selected): NamedProblem[] {
  return [
    ...namedLabels(target, survey, 'image'),
    ...contentOf(target, survey, selected),
    ...misnamed(target, survey),
    ...needed(target, survey, selected),
  ]
}

/** Checks the named tags: each must resolve to the digest written beside it, and be listed. */
export function namedLabels(target: Target, survey: Survey, scope: Rules['scope']): NamedProblem[] {
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
    if (state.is !== 'resolved') return [{ kind: 'tag-unreadable', ...about, why: state.why }]
    const { digest } = state
    if (written !== undefined && written !== digest)
      return [{ kind: 'tag-elsewhere', ...about, digest, written, scope }]
    return listed.has(tag) ? [] : [{ kind: 'tag-unlisted', ...about }]
  })
}

/** Checks the manifests of the images and of everything attached to them: the content of each must be known. */
function contentOf(target: Target, survey: Survey, { whole, reach, holders }: Selected): NamedProblem[] {
  const { repository } = target
  const roots = rootsOf(target, survey)
  return [...whole.manifests].flatMap((digest): NamedProblem[] => {
    // The content of an attached manifest that is kept need not be known.
    if (holders.held.has(digest) && !reach.manifests.has(digest)) return []
    const about = { repository, digest }
    const missing = survey.missing.get(digest)
    const strange = kindProblem(survey.manifests.get(digest))
    const problems: NamedProblem[] = strange === undefined ? [] : [{ kind: strange, ...about }]
    if (missing?.is === 'missing' && roots.has(digest) && target.blobs.length === 0)
      problems.push({ kind: 'manifest-absent', ...about })
    if (missing !== undefined && missing.is !== 'missing' && !whole.blobs.has(digest))
      problems.push({ kind: 'manifest-unreadable', ...about, why: missing.why })
    return problems
  })
}

/** The manifests that were named by digest, or beside a tag that does not resolve. */
function rootsOf({ digests, tags }: Target, survey: Survey): Set<Digest> {
  const absent = tags.filter(({ tag }) => survey.tags.get(tag)?.is !== 'resolved')
  return new Set([...digests, ...absent.flatMap(({ digest }) => digest ?? [])])
}

function kindProblem(
  manifest: Manifest | undefined,
): 'manifest-schema1' | 'manifest-of-unknown-kind' | 'content-of-unknown-type' | undefined {
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

/** Finds named content that a remaining tag needs. */
function needed({ repository }: Target, survey: Survey, { named, holders }: Selected): NamedProblem[] {
  const held = new Set([...named].filter((digest) => holders.held.has(digest)))
  return [...holders.of(held)].flatMap(([digest, all]): NamedProblem[] => {
    // A tag that points to it is an alias, which is a problem of its own.
    const straight = new Set(holders.on(digest))
    const tags = all.filter((tag) => !straight.has(tag))
    if (tags.length === 0) return []
    const parents = [...survey.manifests.values()]
      .filter((manifest) => holders.held.has(manifest.digest) && lists(manifest, digest))
      .map(({ kind, digest }) => ({ kind: kind === 'index' ? kind : ('manifest' as const), digest }))
    return [{ kind: 'named-but-needed', repository, digest, tags: tagsAt(tags, survey), parents }]
  })
}

function lists({ children, blobs, written }: Manifest, digest: Digest): boolean {
  return (
    children.some((child) => child.digest === digest) ||
    blobs.some((blob) => blob.digest === digest) ||
    written.includes(digest)
  )
}
