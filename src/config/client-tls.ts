import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { InputReader } from './reader.js'
import { parseAuthorities } from './text/authorities.js'

/** A certificate and its key for mutual TLS, as PEM text. */
export interface ClientTls {
  /** The certificate, followed by intermediate certificates, if any. */
  readonly certificate: string
  readonly key: string
}

/** The inputs `client-certificate` and `client-key`. */
export interface ClientTlsInputs {
  readonly clientTls?: ClientTls
  /** Texts that must be masked, even if the key is not valid. */
  readonly secrets: readonly string[]
  /** The path of the key, if the file was read. */
  readonly keyPath?: string
}

/**
 * Reads `client-certificate` and `client-key`: both or neither, each as PEM text or as the path of a PEM file. No
 * problem contains the value of `client-key`.
 *
 * @param plain whether the registry uses plain http, which has no certificates
 */
export function readClientTls(reader: InputReader, plain: boolean): ClientTlsInputs {
  const certificate = reader.text('client-certificate')
  const key = reader.text('client-key')
  if (certificate === '' && key === '') return { secrets: [] }
  if (key === '')
    reader.addProblem('client-key', 'it is empty although `client-certificate` is given: both or neither')
  if (certificate === '')
    reader.addProblem('client-certificate', 'it is empty although `client-key` is given: both or neither')
  if (plain)
    reader.addProblem(
      'client-certificate',
      'a registry over plain http (`http://`) never requests one. Write `registry` with https, or leave the certificate out',
    )
  const chain = certificate === '' ? undefined : readChain(reader, certificate)
  const found = key === '' ? undefined : readKey(reader, key)
  const secrets = [found === undefined ? key : found.pem]
  if (chain === undefined || found?.parsed === undefined) return { secrets }
  const [own = ''] = chain
  if (!new X509Certificate(own).checkPrivateKey(found.parsed))
    reader.addProblem(
      'client-key',
      'it does not belong to the first certificate in `client-certificate`. Give the key of that certificate, which must come before those that signed it',
    )
  return {
    clientTls: { certificate: chain.join('\n'), key: found.pem },
    secrets,
    ...(found.path !== undefined && { keyPath: found.path }),
  }
}

function readChain(reader: InputReader, text: string): string[] | undefined {
  const chain = parseAuthorities(text)
  if ('value' in chain) return chain.value
  reader.addProblem('client-certificate', chain.wrong)
  return undefined
}

interface Key {
  readonly pem: string
  readonly path?: string
  /** Undefined if the text is not a private key. */
  readonly parsed?: KeyObject
}

/** Reads the key. No problem quotes the text, which may be a key without its first line. */
function readKey(reader: InputReader, text: string): Key | undefined {
  const inline = text.includes('-----BEGIN')
  let pem = text
  if (!inline) {
    try {
      pem = readFileSync(text, 'utf8')
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException
      reader.addProblem(
        'client-key',
        `it is not PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${code})`,
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
    reader.addProblem(
      'client-key',
      encrypted
        ? 'it is encrypted, and there is no input for a passphrase. Decrypt it, and give it as a secret'
        : `${inline ? 'the text' : 'the file'} holds no private key in PEM form that can be read: it is damaged, cut off, or something else`,
    )
    return key
  }
}
