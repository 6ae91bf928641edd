import type { Digest } from '../../oci/digest.js'
import type { PlaceholderTrace } from '../../plan/outcome.js'
import type { PlannedTag } from '../../plan/plan.js'
import type { RepositoryPurge } from '../repository-purge.js'
import type { Dummy } from './dummy.js'

/** @returns the placeholder that a tag may point to from now on. @param before the manifest that it pointed to */
export function traceOf(
  { digest, blobs }: Pick<Dummy, 'digest' | 'blobs'>,
  before: Digest | undefined,
): PlaceholderTrace {
  const parts = blobs.map((blob) => blob.digest)
  return { digest, parts, ...(before !== undefined && { before }) }
}

/** Announces to the journal that a placeholder may replace these tags. */
export function intendPlaceholder(
  { plan, tools }: RepositoryPurge,
  labels: readonly PlannedTag[],
  dummy: Pick<Dummy, 'digest' | 'blobs'>,
): void {
  tools.journal.intend(
    plan.repository,
    labels.map(({ tag, digest }) => ({
      item: { kind: 'tag', name: tag },
      placeholder: traceOf(dummy, digest),
    })),
  )
}
