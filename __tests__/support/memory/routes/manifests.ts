import { answer, failure, type Answer } from '../answer.js'
import { corruptTag, malformedManifest, manifestUnknown, type ManifestExchange } from '../exchange.js'
import { blobsOf, childrenOf, parseManifest } from '../manifest.js'
import { DOCKER_MANIFEST } from '../mediatypes.js'
import { isDigest, looksLikeDigest } from '../request.js'
import { digestOf, type StoredManifest } from '../store.js'
import { negotiate } from './accept.js'
import { referrersOf } from './referrers.js'

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
  if (!old) replica.learn(route.repo, digest)
  return { digest, mediaType, bytes }
}

function serve(exchange: ManifestExchange, { digest, mediaType, bytes }: StoredManifest): Answer {
  const headers = {
    'Content-Type': mediaType,
    'Docker-Content-Digest': digest,
    ...(exchange.options.dialect === 'zot' ? {} : { Etag: `"${digest}"` }),
  }
  return answer(200, headers, bytes)
}

/** PUT of a manifest: what it names must be there. */
export function putManifest(exchange: ManifestExchange): Answer {
  const { store, options, route, request, replica } = exchange
  const { repo, reference } = route
  const old = options.dialect === '2.8'
  const manifest = parseManifest(request.body)
  if (manifest === undefined) {
    const first = request.body.toString('latin1', 0, 1)
    const detail = old ? { Offset: 1 } : `invalid character '${first}' looking for beginning of value`
    return failure(400, 'MANIFEST_INVALID', { detail })
  }
  const digest = digestOf(request.body)
  if (looksLikeDigest(reference) && reference !== digest) return failure(400, 'DIGEST_INVALID')
  const present = (name: string, linked: boolean): boolean =>
    (linked || replica.knows(repo, name)) && store.content(name) !== undefined
  const missing = [
    ...childrenOf(request.body).filter((child) => !present(child, store.linksManifest(repo, child))),
    ...blobsOf(request.body).filter((blob) => !present(blob, store.linksBlob(repo, blob))),
  ]
  if (missing[0] !== undefined) {
    if (options.dialect === 'zot') return failure(400, 'MANIFEST_INVALID')
    return failure(400, 'MANIFEST_BLOB_UNKNOWN', { detail: missing[0] })
  }
  const type =
    request.headers['content-type'] ?? (manifest['mediaType'] as string | undefined) ?? DOCKER_MANIFEST
  store.putManifest(repo, type, request.body, looksLikeDigest(reference) ? undefined : reference)
  if (!old) replica.learn(repo, digest)
  const subject = (manifest['subject'] as { digest?: string } | undefined)?.digest
  const told = subject !== undefined && referrersOf(exchange) !== false
  return answer(201, {
    'Docker-Content-Digest': digest,
    Location: `${exchange.origin}/v2/${repo}/manifests/${digest}`,
    ...(told ? { 'OCI-Subject': subject } : {}),
  })
}

/** Whether a list of `tag` or `repository:tag` names this one. */
export const isOneOf = (names: readonly string[] | undefined, repo: string, tag: string): boolean =>
  names?.some((name) => name === tag || name === `${repo}:${tag}`) ?? false
