import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'

/** Something that goes, and is to be proven gone. */
export type Item =
  { readonly kind: 'tag'; readonly name: Tag } | { readonly kind: 'manifest' | 'blob'; readonly name: Digest }

/** The two endpoints on which content can answer. A manifest digest can answer on both. */
export type Endpoint = 'manifests' | 'blobs'
