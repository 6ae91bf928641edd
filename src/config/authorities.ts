import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { shown, type Parsed } from './values.js'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/**
 * Reads `ca-certificate`: PEM text, or the path of a PEM file.
 *
 * @returns the certificates, each as PEM text
 */
export function authorities(text: string): Parsed<string[]> {
  const inline = text.includes('-----BEGIN')
  let pem = text
  if (!inline) {
    try {
      pem = readFileSync(text, 'utf8')
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      return {
        wrong: `the file ${named(text)} cannot be read (${code}); PEM text, or the path of a PEM file, is accepted`,
      }
    }
  }
  const where = inline ? 'the text' : `the file ${named(text)}`
  if (pem.includes('PRIVATE KEY-----'))
    return { wrong: `${where} holds a private key, which does not belong here` }
  const found = pem.match(CERTIFICATE) ?? []
  if (found.length === 0)
    return { wrong: `${where} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)` }
  for (const [at, each] of found.entries()) {
    try {
      new X509Certificate(each)
    } catch {
      return { wrong: `certificate ${at + 1} in ${where} cannot be read: it is damaged or cut off` }
    }
  }
  return { value: [...found] }
}

/** @returns whether a text may be repeated as a path: a key that lost its frame or its line breaks holds no dot. */
export function isPathLike(text: string): boolean {
  return /^[^\r\n]{1,255}$/.test(text) && text.includes('.') && !text.includes('-----')
}

function named(text: string): string {
  return isPathLike(text) ? shown(text) : 'that it names'
}
