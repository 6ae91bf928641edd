import {
  accepted,
  answer,
  failure,
  methodNotAllowed,
  noSuchEndpoint,
  type Answer,
  type Outcome,
} from '../answer.js'
import {
  corruptTag,
  malformedBlob,
  malformedManifest,
  nameUnknown,
  type BlobExchange,
  type ManifestExchange,
} from '../exchange.js'
import { uncached } from '../replica.js'
import { isDigest, looksLikeDigest } from '../request.js'
import type { Kind } from '../twists.js'
import { isOneOf } from './manifests.js'
import type { Performer } from './performer.js'
import { staleTwist } from './reads.js'
import { refusedBlob, refusedManifest } from './refusals.js'
import { stepOfDelete } from './steps.js'

/** Why no deletion of this kind is possible at all, whatever it names. */
function impossible(exchange: ManifestExchange | BlobExchange, kind: Kind): Answer | undefined {
  const { options } = exchange
  if (options.noDeleteEndpoint === true) return noSuchEndpoint()
  if (options.dialect === 'olareg' && (options.readOnly === true || options.deleteOff === true))
    return answer(405)
  if (options.readOnly === true) return methodNotAllowed('GET, HEAD')
  const off = options.pullThrough === true || options.deleteOff === true
  if (off || (options.deleteOff30 === true && kind !== 'tag')) return failure(405, 'UNSUPPORTED')
  const status = options.unsupported?.[kind]
  return status === undefined ? undefined : failure(status, 'UNSUPPORTED')
}

/** DELETE on /manifests/: of a tag (T) or of a digest (M). */
export function deleteManifest(exchange: ManifestExchange, performer: Performer): Outcome {
  const { store, options, route } = exchange
  const kind = looksLikeDigest(route.reference) ? 'manifest' : 'tag'
  const no = impossible(exchange, kind)
  if (no !== undefined) return no
  if (kind === 'manifest' && !isDigest(route.reference)) return malformedManifest(exchange)
  if (options.dialect === 'zot' && !store.knows(route.repo)) return nameUnknown(400, route.repo)
  const step = stepOfDelete(exchange)
  if (step !== undefined) return step
  return kind === 'tag' ? deleteTag(exchange, performer) : deleteRevision(exchange, performer)
}

function deleteTag(exchange: ManifestExchange, performer: Performer): Outcome {
  const { options, route } = exchange
  const { repo, reference: tag } = route
  // 2.x never looks at the tag: it deletes the empty digest, whether the tag exists or not.
  if (options.dialect === '2.8') return failure(400, 'DIGEST_INVALID')
  const detail = `filesystem: Path not found: /docker/registry/v2/repositories/${repo}/_manifests/tags/${tag}`
  const own = options.dialect === 'zot' || options.dialect === 'olareg' ? {} : { detail }
  return untag(exchange, performer, failure(404, 'MANIFEST_UNKNOWN', own))
}

function untag(exchange: ManifestExchange, performer: Performer, unknown: Answer): Outcome {
  const { store, options, route } = exchange
  const { repo, reference: tag } = route
  const extra = isOneOf(options.extraListed, repo, tag)
  if (store.resolve(repo, tag) === undefined && !extra) return unknown
  const digest = store.resolve(repo, tag) ?? ''
  return performer.perform(exchange, 'tag', accepted(), () => {
    // A late deletion must not take a tag that was pushed meanwhile.
    if ((store.resolve(repo, tag) ?? '') === digest) store.untag(repo, tag)
    options.extraListed = (options.extraListed ?? []).filter(
      (name) => name !== tag && name !== `${repo}:${tag}`,
    )
    const takes = options.tagDeleteTakesManifest ?? false
    if (takes !== false) store.deleteIfUnversioned(repo, digest, takes === 'always')
  })
}

function deleteRevision(exchange: ManifestExchange, performer: Performer): Outcome {
  const { store, options, route, replica } = exchange
  const { repo, reference: digest } = route
  const old = options.dialect === '2.8'
  if (staleTwist(exchange)) return clearStale(exchange)
  const warm = !old && replica.knows(repo, digest)
  // With any cache a descriptor stands for the content, in 2.8 too: a link is enough then.
  const present = store.content(digest) !== undefined || warm || (old && replica !== uncached)
  if (present && store.linksManifest(repo, digest)) {
    const refused = refusedManifest(exchange)
    if (refused !== undefined) return refused
    const corrupt = store.hasCorruptTag(repo)
    // With a corrupt tag the manifest goes, but the search for its tags fails, so that they stay.
    const said = corrupt ? corruptTag(exchange) : accepted()
    return performer.perform(exchange, 'manifest', said, () => {
      store.deleteManifest(repo, digest, corrupt || options.manifestDeleteKeepsTags === true)
      // 2.8 drops the layer link of the same digest as well.
      if (old) store.deleteBlob(repo, digest)
      replica.forget(repo, digest)
    })
  }
  // 2.8 takes a layer's digest here, and removes its link past the cache.
  if (old && store.hasBlob(repo, digest)) {
    return performer.perform(exchange, 'manifest', accepted(), () => void store.deleteBlob(repo, digest))
  }
  if (!warm) return failure(404, 'MANIFEST_UNKNOWN')
  // A stale replica fails to unlink what is not linked, but forgets it on the way.
  replica.forget(repo, digest)
  return failure(500, 'UNKNOWN')
}

/** A stale descriptor is cleared by a DELETE, whatever that says: 202 on 2.8, 500 on 3.x. */
function clearStale({ store, options, route }: ManifestExchange | BlobExchange): Answer {
  const names = [route.reference, `${route.repo}@${route.reference}`]
  options.reads = Object.fromEntries(
    Object.entries(options.reads ?? {}).filter(([name]) => !names.includes(name)),
  )
  store.deleteBlob(route.repo, route.reference)
  store.deleteManifest(route.repo, route.reference)
  return options.dialect === '2.8' ? accepted() : failure(500, 'UNKNOWN')
}

/** DELETE on /blobs/ (B). */
export function deleteBlob(exchange: BlobExchange, performer: Performer): Outcome {
  const { store, options, route, replica } = exchange
  const { repo, reference: digest } = route
  const no = impossible(exchange, 'blob')
  if (no !== undefined) return no
  if (!isDigest(digest)) return malformedBlob(exchange)
  if (staleTwist(exchange)) return clearStale(exchange)
  const old = options.dialect === '2.8'
  const warm = replica.knows(repo, digest)
  if (store.linksBlob(repo, digest) && (store.content(digest) !== undefined || warm)) {
    const refused = refusedBlob(exchange)
    if (refused !== undefined) return refused
    return performer.perform(exchange, 'blob', accepted(), () => {
      store.deleteBlob(repo, digest)
      replica.forget(repo, digest)
    })
  }
  if (options.blobDeleteAlways202 === true) return accepted()
  if (!warm) return failure(404, 'BLOB_UNKNOWN')
  replica.forget(repo, digest)
  if (old) return accepted()
  const path = `/docker/registry/v2/repositories/${repo}/_layers/${digest.replace(':', '/')}/link`
  return failure(500, 'UNKNOWN', { detail: `filesystem: Path not found: ${path}` })
}

/** GitLab's own endpoint for tags, older than its T: what T does not support works here. */
export function deleteGitlabTag(exchange: ManifestExchange, performer: Performer): Outcome {
  const { store, options, route } = exchange
  if (options.readOnly === true) return methodNotAllowed('GET, HEAD')
  if (options.deleteOff === true || options.pullThrough === true) return failure(405, 'UNSUPPORTED')
  if (!store.knows(route.repo)) return nameUnknown(404, route.repo)
  const unknown = failure(404, 'MANIFEST_UNKNOWN', { detail: { tag: route.reference } })
  return untag(exchange, performer, unknown)
}
