import { createHash } from 'node:crypto'
import { parseManifest } from './manifest.js'

/**
 * @typedef {{ readonly formatLength: number, readonly formatTail: string, readonly time: string }} Protected
 * How to get the exact payload from a text that contains signatures.
 */

/** @param {string | Buffer} text */
const encoded = (text) => Buffer.from(text).toString('base64url')

/**
 * A value as the text that libtrust signs.
 * @param {object} value
 */
export function payloadText(value) {
  return Buffer.from(JSON.stringify(value, undefined, 3))
}

/**
 * Makes libtrust's pretty JWS: the text of the payload with `signatures` before its closing brace. The signature is a
 * dummy, the same one for the same `salt`. No client verifies it.
 * @param {Buffer} payload
 * @param {number} [time]
 * @param {string} [salt]
 */
export function prettyJws(payload, time = 0, salt = '') {
  const text = payload.toString()
  const head = text.slice(0, text.lastIndexOf('}')).trimEnd()
  /** @type {Protected} */
  const header = {
    formatLength: Buffer.byteLength(head),
    formatTail: encoded(text.slice(head.length)),
    time: new Date(time).toISOString().replace(/\.\d+/, ''),
  }
  const dummy = encoded(createHash('sha512').update(salt).digest())
  const jwk = { crv: 'P-256', kid: 'AAAA:BBBB:CCCC', kty: 'EC', x: dummy.slice(0, 43), y: dummy.slice(43) }
  const signatures = [
    { header: { jwk, alg: 'ES256' }, signature: dummy, protected: encoded(JSON.stringify(header)) },
  ]
  const list = JSON.stringify(signatures, undefined, 3).replaceAll('\n', '\n   ')
  return Buffer.from(`${head},\n   "signatures": ${list}\n}`)
}

/**
 * The payload of a pretty JWS; undefined if the text is not signed that way. Its hash is the manifest's digest.
 * @param {Buffer} body
 */
export function payloadOf(body) {
  const { signatures } = /** @type {{ signatures?: { protected?: string }[] }} */ (parseManifest(body) ?? {})
  const header = parseManifest(Buffer.from(signatures?.[0]?.protected ?? '', 'base64url'))
  const { formatLength, formatTail } = /** @type {Partial<Protected>} */ (header ?? {})
  if (formatLength === undefined || formatTail === undefined) return undefined
  return Buffer.concat([body.subarray(0, formatLength), Buffer.from(formatTail, 'base64url')])
}
