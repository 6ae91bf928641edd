import { X509Certificate } from 'node:crypto'
import type { Parsed } from '../../oci/parsed.js'
import { pemFlaw } from './pem-flaw.js'
import { pemBlocks, readPem, type PemBlock, type PemSource } from './pem.js'
import { quoted } from './values.js'

/** The labels of blocks that are certificates; the second is an old name. */
const LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE'])

/**
 * Parses certificates: PEM text, with or without its line breaks; base64 of it; or the path of a file with either.
 *
 * @returns the certificates, each as PEM text
 */
export function parseAuthorities(text: string): Parsed<string[]> {
  const source = readPem(text)
  if ('code' in source)
    return {
      wrong: `the file ${describePath(text)} cannot be read (${source.code}); write PEM text, or the path of a PEM file`,
    }
  const name = source.from === 'text' ? 'the text' : `the file ${describePath(text)}`
  return certificatesIn(source, name)
}

function certificatesIn(source: PemSource, name: string): Parsed<string[]> {
  if (source.text.includes('PRIVATE KEY-----'))
    return { wrong: `${name} holds a private key, which does not belong here` }
  const found = pemBlocks(source.text).filter(({ label }) => LABELS.has(label))
  if (found.length === 0)
    return {
      wrong: `${name} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)${pemFlaw(source, 'certificate')}`,
    }
  const certificates: string[] = []
  for (const [at, block] of found.entries()) {
    const readable = readableForm(block)
    if (readable === undefined)
      return { wrong: `certificate ${at + 1} in ${name} cannot be read: it is damaged or cut off` }
    certificates.push(readable)
  }
  return { value: certificates }
}

/** @returns the certificate in the form in which it can be read, or undefined if there is none */
function readableForm({ text, rebuilt }: PemBlock): string | undefined {
  return [text, rebuilt].find((pem) => {
    try {
      new X509Certificate(pem)
      return true
    } catch {
      return false
    }
  })
}

/** @returns whether a message may show a text as a path. It must contain a dot, which is never in a key */
export function isPathLike(text: string): boolean {
  return /^[^\r\n]{1,255}$/.test(text) && text.includes('.') && !text.includes('-----')
}

function describePath(text: string): string {
  return isPathLike(text) ? quoted(text) : 'that it names'
}
