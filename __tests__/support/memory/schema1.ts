import { digestOf } from '../../../testbed/images/content.js'
import { payloadOf, payloadText, prettyJws } from '../../../testbed/images/jws.js'
import { parseManifest } from '../../../testbed/images/manifest.js'
import { SCHEMA_1, SCHEMA_1_UNSIGNED } from '../../../testbed/images/media-types.js'
import { answer, type Answer } from './answer.js'
import type { Exchange } from './exchange.js'
import { type StoredManifest } from './store.js'

export const isSchema1 = (mediaType: string): boolean =>
  mediaType === SCHEMA_1 || mediaType === SCHEMA_1_UNSIGNED

/** 3.x neither reads nor takes schema 1, though it deletes what an older version stored. */
export const knowsSchema1 = ({ options }: Exchange): boolean =>
  options.schema1 ?? (options.dialect ?? '3.1') !== '3.1'

/** Every signature is another one, as real ones are. */
let signed = 0

/** Signs a payload as 2.8 does for each single answer: its hash stays, the body is never the same. */
export function signAnew(payload: Buffer, time: number): Buffer {
  signed += 1
  return prettyJws(payload, time, String(signed))
}

/** The bytes in which a stored manifest is sent. */
export function bytesSent({ options, request }: Exchange, { mediaType, bytes }: StoredManifest): Buffer {
  const payload = mediaType === SCHEMA_1 && options.dialect === '2.8' ? payloadOf(bytes) : undefined
  return payload === undefined ? bytes : signAnew(payload, request.time)
}

/**
 * The schema 1 answer that 2.8 makes of an image for an old client. It is not stored, so that its digest, the
 * payload's hash, resolves to nothing.
 */
export function schema1(repo: string, tag: string, from: StoredManifest, time = 0): Answer {
  const layers = (parseManifest(from.bytes)?.['layers'] ?? []) as { digest?: string }[]
  const payload = payloadText({
    schemaVersion: 1,
    name: repo,
    tag,
    architecture: 'amd64',
    fsLayers: layers.map((layer) => ({ blobSum: layer.digest })),
    history: layers.map((_, index) => ({ v1Compatibility: JSON.stringify({ id: String(index) }) })),
  })
  const digest = digestOf(payload)
  const headers = { 'Content-Type': SCHEMA_1, 'Docker-Content-Digest': digest, Etag: `"${digest}"` }
  return answer(200, headers, signAnew(payload, time))
}
