import { failure, type Answer } from '../answer.js'
import type { BlobExchange, ManifestExchange } from '../exchange.js'
import { childrenOf } from '../manifest.js'

const PARENTS_FIRST = { DENIED: 405, MANIFEST_REFERENCED: 409, PRECONDITION: 412 } as const
const WHILE_TAGGED = { GOOGLE_MANIFEST_DANGLING_TAG: 400, DENIED: 403 } as const

/** What a registry refuses to delete because of something else that still needs it. */
export function refusedManifest({ store, options, route }: ManifestExchange): Answer | undefined {
  const { repo, reference: digest } = route
  const order = options.parentsFirst ?? (options.dialect === 'zot' ? 'DENIED' : undefined)
  if (order !== undefined && store.parentsOf(repo, digest).length > 0) {
    return failure(PARENTS_FIRST[order], order, { message: 'manifest is referenced by a manifest list' })
  }
  const tagged = options.refuseWhileTagged
  if (tagged !== undefined && store.tagsOn(repo, digest).length > 0) {
    return failure(WHILE_TAGGED[tagged], tagged, { message: 'manifest is still referenced by a tag' })
  }
  return undefined
}

export function refusedBlob({ store, options, route }: BlobExchange): Answer | undefined {
  if (!(options.refuseReferencedBlobs ?? options.dialect === 'zot')) return undefined
  const { repo, reference: digest } = route
  const listed = store.manifests(repo).some((manifest) => childrenOf(manifest.bytes).includes(digest))
  if (!listed && !store.isReferenced(repo, digest)) return undefined
  return failure(405, 'DENIED', { message: 'blob is referenced by a manifest' })
}
