import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { authorities } from './authorities.js'

/** A certificate and its key for mutual TLS, as PEM text. */
export interface ClientTls {
  /** The certificate, with those between it and its authority, if given. */
  readonly certificate: string
  readonly key: string
}

/** What the two inputs hold, and what of it may stand in no text. */
export interface ReadClientTls {
  readonly clientTls?: ClientTls
  readonly secrets: readonly string[]
  /** The key's path, where it is one. */
  readonly keyPath?: string
}

/**
 * Reads `client-certificate` and `client-key`: PEM text or the path of a PEM file each, both or neither.
 *
 * @param plain whether the registry is asked over plain http, where no certificate is shown
 * @param problems is added to; no value of `client-key` is ever in it
 */
export function readClientTls(
  certificate: string,
  key: string,
  plain: boolean,
  problems: string[],
): ReadClientTls {
  if (certificate === '' && key === '') return { secrets: [] }
  if (key === '')
    problems.push('client-key: it is empty although `client-certificate` is given: both or neither')
  if (certificate === '')
    problems.push('client-certificate: it is empty although `client-key` is given: both or neither')
  if (plain)
    problems.push(
      'client-certificate: a registry over plain http (`http://`) never asks for one. Write `registry` with https, or leave it out',
    )
  const chain = certificate === '' ? undefined : authorities(certificate)
  if (chain !== undefined && 'wrong' in chain) problems.push(`client-certificate: ${chain.wrong}`)
  const found = key === '' ? undefined : readKey(key, problems)
  const secrets = [found === undefined ? key : found.pem]
  if (chain === undefined || 'wrong' in chain || found?.parsed === undefined) return { secrets }
  const [own = ''] = chain.value
  if (!new X509Certificate(own).checkPrivateKey(found.parsed))
    problems.push(
      'client-key: it does not belong to the first certificate in `client-certificate`. Give the key of that one, with the certificate in front of those that signed it',
    )
  return {
    clientTls: { certificate: chain.value.join('\n'), key: found.pem },
    secrets,
    ...(found.path !== undefined && { keyPath: found.path }),
  }
}

interface Key {
  readonly pem: string
  readonly path?: string
  readonly parsed?: KeyObject
}

/** Says what is wrong without ever repeating the value: it may be a key that lost its first line. */
function readKey(text: string, problems: string[]): Key | undefined {
  const inline = text.includes('-----BEGIN')
  let pem = text
  if (!inline) {
    try {
      pem = readFileSync(text, 'utf8')
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException
      problems.push(
        `client-key: it is no PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${code})`,
      )
      return undefined
    }
  }
  const key = { pem, ...(!inline && { path: text }) }
  try {
    return { ...key, parsed: createPrivateKey(pem) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const encrypted = code === 'ERR_MISSING_PASSPHRASE' || pem.includes('ENCRYPTED')
    problems.push(
      encrypted
        ? 'client-key: it is encrypted, and there is no input for a passphrase. Give it without encryption, as a secret'
        : `client-key: ${inline ? 'the text' : 'the file'} holds no private key in PEM form that can be read: it is damaged, cut off, or something else`,
    )
    return key
  }
}
