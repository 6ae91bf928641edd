import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'

/** Something that the run deletes and then proves gone. */
export type Item =
  { readonly kind: 'tag'; readonly name: Tag } | { readonly kind: 'manifest' | 'blob'; readonly name: Digest }

/** The two endpoints that serve content. A manifest can be served on both. */
export type Endpoint = 'manifests' | 'blobs'
