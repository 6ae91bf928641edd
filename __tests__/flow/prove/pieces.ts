import type { Digest } from '../../../src/oci/digest.js'
import type { Repository } from '../../../src/oci/reference.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { Done, Outcome } from '../../../src/plan/outcome.js'
import type { PlannedContent, RepositoryPlan } from '../../../src/plan/plan.js'
import { Refused } from '../../../src/purge/refused.js'
import type { RepositoryPurge } from '../../../src/purge/repository-purge.js'

export const repository = 'acme/app' as Repository

export function content(digest: Digest, more: Partial<PlannedContent> = {}): PlannedContent {
  return { digest, mediaType: '', level: 0, named: false, gone: false, foreign: false, ...more }
}

export interface Purged {
  /** Tags that went, and the manifest of each. */
  readonly tags?: Readonly<Record<string, Digest>>
  readonly manifests?: readonly PlannedContent[]
  readonly blobs?: readonly PlannedContent[]
  /** What became of each item that is not simply `deleted`. */
  readonly outcomes?: Readonly<Record<string, Outcome>>
  readonly placeholders?: readonly Digest[]
}

/** A purge that is over, as far as the proof reads it. */
export function workOf({ tags = {}, manifests = [], blobs = [], outcomes = {}, placeholders = [] }: Purged) {
  const planned = Object.entries(tags).map(([tag, digest]) => ({ tag: tag as Tag, digest, root: digest }))
  const digests = [...manifests, ...blobs].map(({ digest }) => digest)
  const plan: RepositoryPlan = {
    repository,
    scope: 'image',
    tags: planned,
    manifests,
    blobs,
    kept: [],
    remaining: [],
    ignored: new Set(),
    image: new Set(digests),
    refusals: [],
    warnings: [],
  }
  const done = new Map<string, Done>()
  for (const { tag } of planned)
    done.set(tag, { item: { kind: 'tag', name: tag }, outcome: outcomes[tag] ?? 'deleted', at: 0 })
  for (const { digest } of manifests)
    done.set(digest, {
      item: { kind: 'manifest', name: digest },
      outcome: outcomes[digest] ?? 'deleted',
      at: 0,
    })
  for (const { digest } of blobs)
    done.set(digest, { item: { kind: 'blob', name: digest }, outcome: outcomes[digest] ?? 'deleted', at: 0 })
  const refused = new Refused()
  return { plan, done, refused, placeholders: new Set(placeholders) } as unknown as RepositoryPurge
}
