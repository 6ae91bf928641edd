import { digestOf } from '../../../../testbed/images/content.js'
import { payloadOf } from '../../../../testbed/images/jws.js'
import { parseManifest } from '../../../../testbed/images/manifest.js'
import { DOCKER_MANIFEST, SCHEMA_1, SCHEMA_1_UNSIGNED } from '../../../../testbed/images/media-types.js'
import { answer, failure, given, type Answer, type Outcome } from '../answer.js'
import type { ManifestExchange } from '../exchange.js'
import { blobsOf, childrenOf } from '../manifest.js'
import { looksLikeDigest } from '../request.js'
import { knowsSchema1 } from '../schema1.js'
import { referrersOf } from './referrers.js'

type Json = Readonly<Record<string, unknown>>

/** PUT of a manifest, as the options twist it. */
export function putManifest(exchange: ManifestExchange): Outcome {
  const { options, request } = exchange
  const manifest = parseManifest(request.body)
  const twist = options.onPut?.(request, manifest)
  if (twist === undefined) return put(exchange, manifest)
  if (twist.worked) put(exchange, manifest)
  return typeof twist.answer === 'string' ? twist.answer : given(twist.answer)
}

function put(exchange: ManifestExchange, manifest: Json | undefined): Answer {
  const { store, options, route, request, replica } = exchange
  const { repo, reference } = route
  const old = options.dialect === '2.8'
  if (manifest === undefined) {
    const first = request.body.toString('latin1', 0, 1)
    const detail = old ? { Offset: 1 } : `invalid character '${first}' looking for beginning of value`
    return failure(400, 'MANIFEST_INVALID', { detail })
  }
  const byDigest = looksLikeDigest(reference)
  if (byDigest && reference !== digestFor(exchange, request.body)) return failure(400, 'DIGEST_INVALID')
  const refused = invalid(exchange, manifest) ?? missing(exchange)
  if (refused !== undefined) return refused

  // Nothing is lost by a line more, but the digest is another one.
  const bytes = options.rewritesPut === true ? Buffer.concat([request.body, Buffer.from('\n')]) : request.body
  const digest = digestFor(exchange, bytes)
  const before = byDigest ? undefined : store.resolve(repo, reference)
  store.putManifest(repo, typeOf(exchange, manifest), bytes, byDigest ? undefined : reference, digest)
  // The version that a tag stood for goes when it is pushed to another manifest.
  if (options.tagDeleteTakesManifest !== undefined && before !== undefined)
    store.deleteIfUnversioned(repo, before)
  if (!old) replica.learn(repo, digest)
  const subject = (manifest['subject'] as { digest?: string } | undefined)?.digest
  const told = subject !== undefined && referrersOf(exchange) !== false
  return answer(201, {
    'Docker-Content-Digest': digest,
    Location: `${exchange.origin}/v2/${repo}/manifests/${digest}`,
    ...(told ? { 'OCI-Subject': subject } : {}),
  })
}

/** The digest that the registry gives to bytes. */
function digestFor({ options, route }: ManifestExchange, bytes: Buffer): string {
  const wide = route.reference.startsWith('sha512:') && options.sha512Manifests !== undefined
  return digestOf(payloadOf(bytes) ?? bytes, wide ? 'sha512' : 'sha256')
}

function typeOf({ request }: ManifestExchange, manifest: Json): string {
  // Signed schema 1 is known by its form, whatever type it came with.
  if (manifest['signatures'] !== undefined) return SCHEMA_1
  return request.headers['content-type'] ?? (manifest['mediaType'] as string | undefined) ?? DOCKER_MANIFEST
}

function invalid(exchange: ManifestExchange, manifest: Json): Answer | undefined {
  const { options, request } = exchange
  const entries = manifest['manifests']
  if (options.refuseEmptyIndex === true && Array.isArray(entries) && entries.length === 0) {
    return failure(400, 'MANIFEST_INVALID', { detail: 'an index must list a manifest' })
  }
  if (manifest['schemaVersion'] !== 1) return undefined
  const type = manifest['signatures'] === undefined ? SCHEMA_1_UNSIGNED : SCHEMA_1
  if (!knowsSchema1(exchange)) {
    const detail = `unsupported manifest media type and no default available: ${request.headers['content-type'] ?? type}`
    return failure(400, 'MANIFEST_INVALID', { detail })
  }
  // 2.8 wants it signed ("missing signature key").
  return options.dialect === '2.8' && type === SCHEMA_1_UNSIGNED
    ? failure(400, 'MANIFEST_INVALID', { detail: {} })
    : undefined
}

/** What a manifest names must be there. */
function missing({ store, options, route, request, replica }: ManifestExchange): Answer | undefined {
  const { repo } = route
  const present = (name: string, linked: boolean): boolean =>
    (linked || replica.knows(repo, name)) && store.content(name) !== undefined
  const [first] = [
    ...childrenOf(request.body).filter((child) => !present(child, store.linksManifest(repo, child))),
    ...blobsOf(request.body).filter((blob) => !present(blob, store.linksBlob(repo, blob))),
  ]
  if (first === undefined) return undefined
  return options.dialect === 'zot'
    ? failure(400, 'MANIFEST_INVALID')
    : failure(400, 'MANIFEST_BLOB_UNKNOWN', { detail: first })
}
