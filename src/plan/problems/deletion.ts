import type { Repository } from '../../oci/reference.js'
import type { Meaning } from '../../survey/facts.js'
import type { Right } from '../../survey/problem.js'

/** The kind of content that a probe tries to delete. `tags`: a tag whose manifest is kept. */
export type Deletable = 'manifests' | 'blobs' | 'tags'

interface Probed {
  readonly repository: Repository
  readonly what: Deletable
  /** The response to the probe. */
  readonly answered: string
}

/** Why the registry does not delete for this user. */
export type DeletionProblem =
  /** The user may not delete. `right`: what the user lacks, if the registry's challenge tells. In a dry run, this is a warning. */
  | ({ readonly kind: 'no-permission'; readonly right?: Right } & Probed)
  /** Deletion is off, or the registry is read-only or a pull-through cache. `only`: manifests can be deleted, and blobs cannot. */
  | ({ readonly kind: 'deletion-off'; readonly readOnly: boolean; readonly only?: true } & Probed)
  /** The response to the probe does not show whether the registry deletes. `means`: how it was understood. */
  | ({ readonly kind: 'deletion-unclear'; readonly means: Meaning } & Probed)
