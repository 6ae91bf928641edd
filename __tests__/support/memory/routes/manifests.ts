import { digestOf } from '../../../../testbed/images/content.js'
import { answer, failure, type Answer } from '../answer.js'
import { corruptTag, malformedManifest, manifestUnknown, type ManifestExchange } from '../exchange.js'
import { isDigest, looksLikeDigest } from '../request.js'
import { bytesSent, isSchema1, knowsSchema1 } from '../schema1.js'
import { type StoredManifest } from '../store.js'
import { negotiate } from './accept.js'

/** The exchange with the digest that a manifest is stored by, where the options give it a second one. */
export function untwin(exchange: ManifestExchange): ManifestExchange {
  const { store, options, route } = exchange
  const { repo, reference } = route
  if (options.sha512Manifests !== 'twin' || store.linksManifest(repo, reference)) return exchange
  const stored = store
    .manifests(repo)
    .find(({ digest, bytes }) => digest.startsWith('sha512:') && digestOf(bytes) === reference)
  return stored === undefined ? exchange : { ...exchange, route: { ...route, reference: stored.digest } }
}

/** GET and HEAD of a manifest. */
export function readManifest(exchange: ManifestExchange): Answer {
  const { store, options, route, request } = exchange
  const { repo, reference } = route
  if (looksLikeDigest(reference) && !isDigest(reference)) return malformedManifest(exchange)
  const byTag = !looksLikeDigest(reference)
  const digest = byTag ? store.resolve(repo, reference) : reference
  if (digest === '') return corruptTag(exchange)
  if (digest === undefined || isOneOf(options.extraListed, repo, reference)) return manifestUnknown(exchange)
  // Compared before anything is looked up, so that 304 says nothing about what is there.
  if (options.dialect !== 'zot' && request.headers['if-none-match'] === `"${digest}"`) return answer(304)

  const found = findManifest(exchange, digest)
  if (found === undefined) return manifestUnknown(exchange, digest)
  if ('status' in found) return found
  const chosen = negotiate(exchange, found, byTag)
  return 'status' in chosen ? chosen : serve(exchange, chosen)
}

function findManifest(exchange: ManifestExchange, digest: string): StoredManifest | Answer | undefined {
  const { store, replica, options, route } = exchange
  const bytes = store.content(digest)
  if (bytes === undefined) return undefined
  const old = options.dialect === '2.8'
  // In 3.x one cache holds manifests and blobs, so a warm replica serves a manifest whose link is gone, and takes a
  // layer's digest for a manifest. In 2.8 a manifest's digest is looked for among the layer links too.
  const visible =
    store.linksManifest(route.repo, digest) ||
    (old ? store.linksBlob(route.repo, digest) : replica.knows(route.repo, digest))
  if (!visible) return undefined
  const mediaType = store.mediaType(digest)
  if (mediaType === undefined) {
    const first = JSON.stringify(bytes.toString('latin1', 0, 1)).slice(1, -1)
    const detail = old ? { Offset: 1 } : `invalid character '${first}' looking for beginning of value`
    return failure(500, 'UNKNOWN', { detail })
  }
  if (isSchema1(mediaType) && !knowsSchema1(exchange))
    return failure(500, 'UNKNOWN', { detail: 'unrecognized manifest schema version 1' })
  if (!old) replica.learn(route.repo, digest)
  return { digest, mediaType, bytes }
}

function serve(exchange: ManifestExchange, manifest: StoredManifest): Answer {
  const { digest, mediaType } = manifest
  const headers = {
    'Content-Type': mediaType,
    'Docker-Content-Digest': digest,
    ...(exchange.options.dialect === 'zot' ? {} : { Etag: `"${digest}"` }),
  }
  return answer(200, headers, bytesSent(exchange, manifest))
}

/** Whether a list of `tag` or `repository:tag` names this one. */
export const isOneOf = (names: readonly string[] | undefined, repo: string, tag: string): boolean =>
  names?.some((name) => name === tag || name === `${repo}:${tag}`) ?? false
