import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { BlobsClosed } from '../../survey/facts.js'

/** A blob of one repository. */
interface Blob {
  readonly repository: Repository
  readonly digest: Digest
}

/** Why nothing could be verified at the end. */
export type AccessProblem =
  /** This runner cannot read the blobs of a repository, so it could not verify the remaining tags at the end. */
  | ({ readonly kind: 'blobs-unreadable'; readonly why: BlobsClosed } & Blob)
  /** The registry has none of the blobs that the remaining tags need, so its 404s would prove nothing at the end. */
  | ({
      readonly kind: 'blobs-missing'
      /** How many were tried. */
      readonly tried: number
      /** The response for the last of them. */
      readonly answered: string
    } & Blob)
