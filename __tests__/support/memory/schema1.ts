import { answer, type Answer } from './answer.js'
import { parseManifest } from './manifest.js'
import { SCHEMA_1 } from './mediatypes.js'
import { digestOf, type StoredManifest } from './store.js'

/**
 * A schema 1 answer for an image: signed, so that its digest is not the hash of its body. The signature is a dummy;
 * nobody must get as far as checking it.
 */
export function schema1(repo: string, tag: string, from: StoredManifest): Answer {
  const layers = (parseManifest(from.bytes)?.['layers'] ?? []) as { digest?: string }[]
  const payload = {
    schemaVersion: 1,
    name: repo,
    tag,
    architecture: 'amd64',
    fsLayers: layers.map((layer) => ({ blobSum: layer.digest })),
    history: layers.map((_, index) => ({ v1Compatibility: JSON.stringify({ id: String(index) }) })),
  }
  const signed = {
    ...payload,
    signatures: [{ header: { alg: 'ES256' }, signature: 'c2ln', protected: 'e30' }],
  }
  const body = Buffer.from(JSON.stringify(signed, undefined, 3))
  // The digest is that of the payload without its signatures.
  const digest = digestOf(Buffer.from(JSON.stringify(payload, undefined, 3)))
  return answer(200, { 'Content-Type': SCHEMA_1, 'Docker-Content-Digest': digest, Etag: `"${digest}"` }, body)
}
