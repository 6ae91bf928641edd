import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastLine, runCommand } from '../../testbed/command.js'

/** A certificate with its key, as PEM text. */
export interface Issued {
  readonly name: string
  readonly cert: string
  readonly key: string
  readonly certPath: string
  readonly keyPath: string
}

export interface Wanted {
  /** The common name, which is also the name of the files. */
  readonly name: string
  readonly kind: 'authority' | 'server'
  /** The certificate that signs it; itself by default. */
  readonly by?: Issued
  /** It ended a day ago. */
  readonly expired?: boolean
  /** The host names that a server's certificate is for; by default those of this machine. */
  readonly hosts?: string
  /** Distinguishes the files of two certificates of the same name. */
  readonly file?: string
}

const EXTENSIONS = {
  authority: ['basicConstraints = critical, CA:TRUE', 'keyUsage = critical, keyCertSign, cRLSign'],
  server: ['basicConstraints = CA:FALSE', 'keyUsage = digitalSignature', 'extendedKeyUsage = serverAuth'],
}

/** Makes one certificate of a chain with openssl. */
export async function issue(folder: string, wanted: Wanted): Promise<Issued> {
  const { name, kind, by, expired, hosts = 'DNS:localhost, IP:127.0.0.1', file = name } = wanted
  mkdirSync(folder, { recursive: true })
  const path = (ending: string): string => join(folder, `${file.replaceAll(/\W/g, '-')}.${ending}`)
  const names = kind === 'server' ? [`subjectAltName = ${hosts}`] : []
  writeFileSync(
    path('cnf'),
    ['[made]', ...EXTENSIONS[kind], 'subjectKeyIdentifier = hash', ...names, ''].join('\n'),
  )
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await openssl(['req', ...curve, '-subj', `/O=Corp/CN=${name}`, '-keyout', path('key'), '-out', path('csr')])
  const signer = by === undefined ? ['-signkey', path('key')] : ['-CA', by.certPath, '-CAkey', by.keyPath]
  const serial = String(Math.floor(Math.random() * 2 ** 48))
  const days = expired === true ? '-1' : '30'
  await openssl([
    ...['x509', '-req', '-days', days, '-set_serial', serial, '-in', path('csr'), ...signer],
    ...['-extfile', path('cnf'), '-extensions', 'made', '-out', path('crt')],
  ])
  return {
    name,
    cert: readFileSync(path('crt'), 'utf8'),
    key: readFileSync(path('key'), 'utf8'),
    certPath: path('crt'),
    keyPath: path('key'),
  }
}

async function openssl(parameters: string[]): Promise<void> {
  const result = await runCommand('openssl', parameters)
  if (result.code !== 0) throw new Error(`openssl ${parameters[0]} failed: ${lastLine(result)}`)
}
