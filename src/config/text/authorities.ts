import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Parsed } from '../../oci/parsed.js'
import { quoted } from './values.js'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/**
 * Parses certificates: PEM text, or the path of a PEM file.
 *
 * @returns the certificates, each as PEM text
 */
export function parseAuthorities(text: string): Parsed<string[]> {
  const inline = text.includes('-----BEGIN')
  const pem = inline ? { value: text } : readPemFile(text)
  if ('wrong' in pem) return pem
  const source = inline ? 'the text' : `the file ${describePath(text)}`
  if (pem.value.includes('PRIVATE KEY-----'))
    return { wrong: `${source} holds a private key, which does not belong here` }
  const found = pem.value.match(CERTIFICATE) ?? []
  if (found.length === 0)
    return { wrong: `${source} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)` }
  for (const [at, each] of found.entries()) {
    try {
      new X509Certificate(each)
    } catch {
      return { wrong: `certificate ${at + 1} in ${source} cannot be read: it is damaged or cut off` }
    }
  }
  return { value: [...found] }
}

/** @returns whether a message may show a text as a path. It must contain a dot, which is never in a key */
export function isPathLike(text: string): boolean {
  return /^[^\r\n]{1,255}$/.test(text) && text.includes('.') && !text.includes('-----')
}

function readPemFile(path: string): Parsed<string> {
  try {
    return { value: readFileSync(path, 'utf8') }
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return {
      wrong: `the file ${describePath(path)} cannot be read (${code}); write PEM text, or the path of a PEM file`,
    }
  }
}

function describePath(text: string): string {
  return isPathLike(text) ? quoted(text) : 'that it names'
}
