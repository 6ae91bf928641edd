import { parseManifest } from '../../../../testbed/images/manifest.js'
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../../../testbed/images/media-types.js'
import { failure, type Answer } from '../answer.js'
import { manifestUnknown, type ManifestExchange } from '../exchange.js'
import { childrenOf } from '../manifest.js'
import { schema1 } from '../schema1.js'
import type { StoredManifest } from '../store.js'

interface PlatformDescriptor {
  readonly digest?: string
  readonly platform?: { readonly os?: string; readonly architecture?: string }
}

/** The types a client lists. A wildcard counts for nothing and `q=` is ignored, as in distribution. */
function accepts(exchange: ManifestExchange): Set<string> {
  const types = (exchange.request.headers.accept ?? '').split(',')
  return new Set(types.map((type) => (type.split(';')[0] ?? '').trim()))
}

/** olareg hides what is not listed; an index is stood in for by its first child that is. */
function listedOnly(
  exchange: ManifestExchange,
  found: StoredManifest,
  byTag: boolean,
  accepted: ReadonlySet<string>,
): StoredManifest | Answer {
  if (accepted.has(found.mediaType)) return found
  const children = byTag ? childrenOf(found.bytes) : []
  const stored = children.flatMap((digest) => exchange.store.manifest(exchange.route.repo, digest) ?? [])
  return stored.find((child) => accepted.has(child.mediaType)) ?? manifestUnknown(exchange)
}

const refused = (message: string): Answer => failure(404, 'MANIFEST_UNKNOWN', { message })

/**
 * What distribution makes of a manifest for a client that does not list its type: a false 404, another manifest, or
 * a conversion to schema 1. `byTag`: most of it happens for tags only.
 */
export function negotiate(
  exchange: ManifestExchange,
  found: StoredManifest,
  byTag: boolean,
): StoredManifest | Answer {
  const { dialect } = exchange.options
  if (dialect === 'zot') return found
  const old = dialect === '2.8'
  const accepted = accepts(exchange)
  if (dialect === 'olareg') return listedOnly(exchange, found, byTag, accepted)
  const schema2 = accepted.has(DOCKER_MANIFEST)

  if (found.mediaType === OCI_MANIFEST && !accepted.has(OCI_MANIFEST)) {
    return refused('OCI manifest found, but accept header does not support OCI manifests')
  }
  // 2.8 knows an index by the mediaType written in it only.
  const isIndex = found.mediaType === OCI_INDEX && parseManifest(found.bytes)?.['mediaType'] === OCI_INDEX
  if (old && isIndex && !accepted.has(OCI_INDEX)) {
    return refused('OCI index found, but accept header does not support OCI indexes')
  }
  if (!byTag) return found
  if (found.mediaType === DOCKER_LIST && !accepted.has(DOCKER_LIST)) {
    const entries = (parseManifest(found.bytes)?.['manifests'] ?? []) as PlatformDescriptor[]
    const amd64 = entries.find(
      (entry) => entry.platform?.os === 'linux' && entry.platform.architecture === 'amd64',
    )
    const child = exchange.store.manifest(exchange.route.repo, amd64?.digest ?? '')
    if (child === undefined) {
      return amd64 === undefined ? failure(404, 'MANIFEST_UNKNOWN') : manifestUnknown(exchange, amd64.digest)
    }
    if (schema2) return child
    return old
      ? schema1(exchange.route.repo, exchange.route.reference, child, exchange.request.time)
      : failure(400, 'MANIFEST_INVALID', { message: 'Schema 2 manifest not supported by client' })
  }
  if (old && found.mediaType === DOCKER_MANIFEST && !schema2) {
    return schema1(exchange.route.repo, exchange.route.reference, found, exchange.request.time)
  }
  return found
}
