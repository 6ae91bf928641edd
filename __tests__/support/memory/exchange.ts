import { failure, noSuchEndpoint, type Answer, type ErrorParts } from './answer.js'
import type { MemoryOptions } from './options.js'
import type { Replica } from './replica.js'
import type { RecordedRequest, Route } from './request.js'
import type { MemoryStore } from './store.js'

/** One request with everything that its handling may look at. */
export interface Exchange<R extends Route = Route> {
  readonly request: RecordedRequest
  readonly route: R
  readonly query: URLSearchParams
  readonly store: MemoryStore
  readonly options: MemoryOptions
  readonly replica: Replica
  /** The registry's own origin, and that of the storage it redirects to. */
  readonly origin: string
  readonly storageOrigin: string
}

export type ManifestExchange = Exchange<Extract<Route, { kind: 'manifest' }>>
export type BlobExchange = Exchange<Extract<Route, { kind: 'blob' }>>

/** 2.8 describes an error by a structure, 3.x by a sentence. With `digest`: of the manifest behind a dangling tag. */
export const manifestUnknown = (exchange: ManifestExchange, digest?: string): Answer => {
  const { repo } = exchange.route
  const reference = digest ?? exchange.route.reference
  const old = exchange.options.dialect === '2.8'
  if (reference.includes(':')) {
    const detail = old
      ? { Name: repo, Revision: reference }
      : `unknown manifest name=${repo} revision=${reference}`
    return failure(404, 'MANIFEST_UNKNOWN', { detail })
  }
  return failure(404, 'MANIFEST_UNKNOWN', { detail: old ? { Tag: reference } : `unknown tag=${reference}` })
}

export const blobUnknown = (exchange: BlobExchange): Answer =>
  failure(404, 'BLOB_UNKNOWN', { detail: exchange.route.reference })

export const nameUnknown = (status: number, repo: string): Answer =>
  failure(status, 'NAME_UNKNOWN', { detail: { name: repo } })

/** A tag whose link file is empty. */
export const corruptTag = ({ options }: Exchange): Answer =>
  failure(500, 'UNKNOWN', { detail: options.dialect === '2.8' ? {} : 'invalid checksum digest format' })

/** A digest of the wrong form. On /manifests/ 3.x takes it for a tag and stumbles over the path; so does 2.8 in reads. */
export function malformedManifest(exchange: ManifestExchange): Answer {
  const { dialect } = exchange.options
  const remove = exchange.request.method === 'DELETE'
  if (dialect === 'zot' || dialect === 'olareg') return failure(404, 'MANIFEST_UNKNOWN')
  if (dialect === '2.8' && remove) return failure(400, 'DIGEST_INVALID')
  const { repo, reference } = exchange.route
  const path = `/docker/registry/v2/repositories/${repo}/_manifests/tags/${reference}${remove ? '' : '/current/link'}`
  const detail =
    dialect === '2.8' ? { Path: path, DriverName: 'filesystem' } : `filesystem: invalid path: ${path}`
  return failure(500, 'UNKNOWN', { detail })
}

export function malformedBlob(exchange: BlobExchange): Answer {
  const { dialect } = exchange.options
  if (dialect === 'zot') return { ...noSuchEndpoint(), body: Buffer.alloc(0) }
  const hex = exchange.route.reference.slice(exchange.route.reference.indexOf(':') + 1)
  const right = { sha256: 64, sha512: 128 }[exchange.route.reference.split(':')[0] ?? '']
  const reason =
    right === undefined ? 'unsupported digest algorithm' : hex.length === right ? 'format' : 'length'
  const text = right === undefined ? reason : `invalid checksum digest ${reason}`
  const parts: ErrorParts = { detail: dialect === '2.8' ? {} : text }
  return failure(400, 'DIGEST_INVALID', parts)
}
