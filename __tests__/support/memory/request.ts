import type { IncomingHttpHeaders } from 'node:http'

/** What a path under /v2/ asks for. `reference` is decoded: `%3A` in a digest is accepted, as by distribution. */
export type Route =
  | { readonly kind: 'ping' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly repo: string }
  | { readonly kind: 'gitlab-tag'; readonly repo: string; readonly reference: string }
  | { readonly kind: 'manifest'; readonly repo: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly repo: string; readonly reference: string }
  | { readonly kind: 'referrers'; readonly repo: string; readonly reference: string }
  | { readonly kind: 'upload'; readonly repo: string; readonly reference: string }
  | { readonly kind: 'unknown' }

/** One request as it arrived, in the order of arrival. */
export interface RecordedRequest {
  readonly method: string
  /** The path as sent, without the query. */
  readonly path: string
  /** Path and query as sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly route: Route
  /** A new number for each accepted socket: equal numbers mean that a connection was used again. */
  readonly socketId: number
  /** When it arrived, by the registry's clock, in milliseconds. */
  readonly time: number
  /** What was answered: 0 until then, and for ever where the connection was dropped or left hanging. */
  status: number
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const NAME = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG = /^\w[\w.-]{0,127}$/
// The router's own, wide idea of a digest: `sha256:zz` gets past it, `SHA256:…` does not.
const ROUTED_DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

export const isDigest = (reference: string): boolean => DIGEST.test(reference)
/** Has the form of a digest, right or not: distribution 3.x takes the wrong ones for tags. */
export const looksLikeDigest = (reference: string): boolean => reference.includes(':')

export function parseRoute(path: string): Route {
  if (path === '/v2/') return { kind: 'ping' }
  if (path === '/v2/_catalog') return { kind: 'catalog' }
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return { kind: 'unknown' }
  }
  const found =
    /^\/v2\/(.+?)\/(tags\/list|tags\/reference|manifests|blobs\/uploads|blobs|referrers)(?:\/([^/]*))?$/.exec(
      decoded,
    )
  const [, repo = '', endpoint = '', reference] = found ?? []
  if (!NAME.test(repo)) return { kind: 'unknown' }
  if (endpoint === 'tags/list') return reference === undefined ? { kind: 'tags', repo } : { kind: 'unknown' }
  if (endpoint === 'blobs/uploads')
    return reference === undefined ? { kind: 'unknown' } : { kind: 'upload', repo, reference }
  if (reference === undefined) return { kind: 'unknown' }
  if (endpoint === 'manifests' && (TAG.test(reference) || ROUTED_DIGEST.test(reference))) {
    return { kind: 'manifest', repo, reference }
  }
  if (endpoint === 'tags/reference' && TAG.test(reference)) return { kind: 'gitlab-tag', repo, reference }
  if (endpoint === 'blobs' && ROUTED_DIGEST.test(reference)) return { kind: 'blob', repo, reference }
  if (endpoint === 'referrers' && ROUTED_DIGEST.test(reference)) return { kind: 'referrers', repo, reference }
  return { kind: 'unknown' }
}
