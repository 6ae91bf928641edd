import type { Digest } from '../../oci/digest.js'
import type { Manifest } from '../../oci/manifest.js'
import type { Tag } from '../../oci/tag.js'
import type { NamedProblem } from '../problems/plan.js'
import type { Selected } from '../select/select.js'
import { namedBy } from './named-by.js'
import type { Question } from './refuse.js'
import { tagsAt } from './tags-at.js'

/** Finds named content that a remaining tag needs (safety rule 3). */
export function needed({ target, survey, selected, rules }: Question): NamedProblem[] {
  const { repository } = target
  const { holders } = selected
  return [...holdersOfNamed(selected)].map(([digest, tags]): NamedProblem => {
    const parents = [...survey.manifests.values()]
      .filter((manifest) => holders.held.has(manifest.digest) && lists(manifest, digest))
      .map(({ kind, digest }) => ({ kind: kind === 'index' ? kind : ('manifest' as const), digest }))
    const by = namedBy(digest, target, survey, rules)
    return { kind: 'named-but-needed', repository, digest, by, tags: tagsAt(tags, survey), parents }
  })
}

/** @returns the named digests that remaining tags need, each with these tags, but for those that point to it */
export function holdersOfNamed({ named, holders }: Selected): Map<Digest, Tag[]> {
  const all = holders.of(new Set([...named].filter((digest) => holders.held.has(digest))))
  for (const [digest, tags] of all) {
    // A tag that points to it is an alias, which is a problem of its own.
    const straight = new Set(holders.on(digest))
    const others = straight.size === 0 ? tags : tags.filter((tag) => !straight.has(tag))
    if (others.length === 0) all.delete(digest)
    else all.set(digest, others)
  }
  return all
}

function lists({ children, blobs, written }: Manifest, digest: Digest): boolean {
  return (
    children.some((child) => child.digest === digest) ||
    blobs.some((blob) => blob.digest === digest) ||
    written.includes(digest)
  )
}
