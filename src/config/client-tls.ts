import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import type { InputReader } from './reader.js'
import { parseAuthorities } from './text/authorities.js'
import { pemFlaw } from './text/pem-flaw.js'
import { pemBlocks, readPem } from './text/pem.js'

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
  const secrets = found?.secrets ?? [key]
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
  /** The key as PEM text. */
  readonly pem: string
  /** Every form in which the key was given. */
  readonly secrets: readonly string[]
  readonly path?: string
  /** Undefined if the text is not a private key. */
  readonly parsed?: KeyObject
}

/** Reads the key. No problem quotes the text, which may be a key without its first line. */
function readKey(reader: InputReader, text: string): Key | undefined {
  const source = readPem(text)
  if ('code' in source) {
    reader.addProblem(
      'client-key',
      `it is not PEM text (-----BEGIN PRIVATE KEY-----), and as a path it cannot be read (${source.code})`,
    )
    return undefined
  }
  const { from, raw } = source
  const path = from === 'file' ? { path: text } : {}
  // If only the line breaks are missing, a block is a key although the whole text is not.
  const blocks = pemBlocks(source.text).flatMap(({ label, rebuilt }) =>
    label.endsWith('PRIVATE KEY') ? [rebuilt] : [],
  )
  const forms = [source.text, ...blocks]
  const secrets = [...new Set([raw, ...forms])]
  const readable = forms
    .map((pem) => ({ pem, parsed: parseKey(pem) }))
    .find(({ parsed }) => parsed !== undefined)
  if (readable?.parsed !== undefined)
    return { pem: readable.pem, parsed: readable.parsed, secrets: [...new Set([raw, readable.pem])], ...path }
  const encrypted = source.text.includes('ENCRYPTED')
  reader.addProblem(
    'client-key',
    encrypted
      ? 'it is encrypted, and there is no input for a passphrase. Decrypt it, and give it as a secret'
      : `the ${from} holds no private key in PEM form that can be read${pemFlaw(source, 'key') || ': it is damaged, cut off, or something else'}`,
  )
  return { pem: source.text, secrets, ...path }
}

/** @returns undefined if the text is not a private key, or needs a passphrase */
function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}
