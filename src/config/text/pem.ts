import { readFileSync } from 'node:fs'

/** A text that may hold PEM (RFC 7468), from an input or from the file that it names. */
export interface PemSource {
  readonly from: 'text' | 'file'
  readonly text: string
  /** The text as it was given, before base64 was decoded. */
  readonly raw: string
  /** What was given instead of PEM, and whether as base64. */
  readonly other?: { readonly bytes: Uint8Array; readonly isBase64: boolean }
}

/** One block of PEM. */
export interface PemBlock {
  /** The words between `-----BEGIN` and `-----`. */
  readonly label: string
  /** As it was found. */
  readonly text: string
  /** With the line breaks that the form requires. */
  readonly rebuilt: string
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g
const BASE64 = /^[A-Za-z0-9+/\s]+[=\s]*$/
const LINE = /.{1,64}/g
/** Characters of base64 without a frame, at least. A shorter text is a path. */
const SHORTEST_BARE = 100

/**
 * Reads PEM text, base64 of it, or the file that a text names.
 *
 * @returns the source, or the code of the system error if the text is none of these
 */
export function readPem(text: string): PemSource | { readonly code: string } {
  const inline = decoded('text', Buffer.from(text, 'utf8'))
  if (hasPem(inline.text) || text.includes('-----END') || isBare(text)) return inline
  try {
    return decoded('file', readFileSync(text))
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return { code }
  }
}

function decoded(from: PemSource['from'], bytes: Buffer): PemSource {
  // Windows PowerShell writes files as UTF-16.
  const raw = bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8')
  if (hasPem(raw)) return { from, text: raw, raw }
  const isBase64 = BASE64.test(raw)
  const inside = isBase64 ? Buffer.from(raw, 'base64') : bytes
  const text = inside.toString('utf8')
  return hasPem(text) ? { from, text, raw } : { from, text: raw, raw, other: { bytes: inside, isBase64 } }
}

/** @returns whether a text holds the beginning of a block */
export function hasPem(text: string): boolean {
  return text.includes('-----BEGIN')
}

/**
 * Finds the blocks in a text, which may have lost its line breaks: in a form of `workflow_dispatch` they become spaces, in
 * JSON `\n`.
 */
export function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(BLOCK)].map(([whole, label = '', body = '']) => {
    const lines = body.replace(/\\+[rn]|\s+/g, '').match(LINE) ?? []
    const rebuilt = [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n')
    return { label, text: whole, rebuilt }
  })
}

/** @returns whether a text is base64 of DER: a block without its frame */
function isBare(text: string): boolean {
  return text.length > SHORTEST_BARE && BASE64.test(text) && isDer(Buffer.from(text, 'base64'))
}

/** @returns whether bytes begin as a SEQUENCE of DER does that is as long as a certificate or a key */
export function isDer(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30 && (bytes[1] === 0x82 || bytes[1] === 0x81)
}
