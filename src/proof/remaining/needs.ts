import type { Digest } from '../../oci/digest.js'
import type { Descriptor } from '../../oci/manifest.js'
import { labelsOf } from '../../plan/holders.js'
import type { RepositoryPlan } from '../../plan/plan.js'
import type { Facts } from '../../survey/facts.js'
import type { BlobCheck } from './content.js'

/** The content that a pull of one manifest fetches. */
export interface Needs {
  readonly manifests: ReadonlySet<Digest>
  readonly blobs: ReadonlyMap<Digest, Descriptor>
}

/** Everything that must exist at the end. */
export interface Required {
  /** By manifest: each that a remaining tag points to, or that was to lose only its label. */
  readonly needs: ReadonlyMap<Digest, Needs>
  /** Manifests that were to lose only their label. */
  readonly labelled: ReadonlySet<Digest>
  /** The manifests to read: those that no tag points to. The others were read with their tags. */
  readonly manifests: ReadonlySet<Digest>
  readonly blobs: ReadonlyMap<Digest, BlobCheck>
}

/**
 * Finds everything that must exist at the end.
 *
 * @param facts every tag as it is now
 * @param sensitive every digest of the purged images, in any repository
 */
export function requiredBy(plan: RepositoryPlan, facts: Facts, sensitive: ReadonlySet<Digest>): Required {
  const roots = new Set(
    [...facts.tags.values()].flatMap((state) => (state.is === 'resolved' ? [state.digest] : [])),
  )
  const labelled = new Set(labelsOf(plan.tags).map(({ digest }) => digest))
  const manifests = new Set([...labelled].filter((digest) => !roots.has(digest)))
  for (const digest of labelled) roots.add(digest)
  const plain = namedPlainly(plan, facts)
  const needs = new Map<Digest, Needs>()
  const blobs = new Map<Digest, BlobCheck>()
  for (const root of roots) {
    const below = needsOf(root, facts)
    needs.set(root, below)
    for (const digest of below.manifests) if (!roots.has(digest)) manifests.add(digest)
    for (const [digest, blob] of below.blobs) {
      const bytes = plain.has(root) || blobs.get(digest)?.bytes === true
      blobs.set(digest, { blob, bytes, sensitive: sensitive.has(digest) })
    }
  }
  return { needs, labelled, manifests, blobs }
}

/** Leaves out digests that are only written in a manifest of unknown kind: a pull does not fetch them. */
function needsOf(root: Digest, facts: Facts): Needs {
  const manifests = new Set<Digest>([root])
  const blobs = new Map<Digest, Descriptor>()
  for (const digest of manifests) {
    const manifest = facts.manifests.get(digest)
    for (const child of manifest?.children ?? []) manifests.add(child.digest)
    for (const blob of manifest?.blobs ?? []) blobs.set(blob.digest, blob)
  }
  return { manifests, blobs }
}

/** The manifests of tags that `protected-tags` names without a glob. */
function namedPlainly(plan: RepositoryPlan, facts: Facts): ReadonlySet<Digest> {
  const tags = plan.remaining.filter((each) => each.namedPlainly === true)
  return new Set(
    tags.flatMap(({ tag }) => {
      const state = facts.tags.get(tag)
      return state?.is === 'resolved' ? [state.digest] : []
    }),
  )
}
