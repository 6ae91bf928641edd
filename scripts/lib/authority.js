import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { lastLine, runCommand } from './command.js'

/**
 * @typedef {{ caPath: string, ca: string, certPath: string, keyPath: string }} Authority
 */

/**
 * Makes a private authority and a server certificate that it signed, for localhost, 127.0.0.1 and further names.
 * @param {string} folder
 * @param {string[]} [names] further host names or addresses
 * @returns {Promise<Authority>}
 */
export async function makeAuthority(folder, names = []) {
  mkdirSync(folder, { recursive: true })
  const path = (/** @type {string} */ name) => join(folder, name)
  const alternatives = ['localhost', '127.0.0.1', ...names].map(
    (name) => `${isIP(name) ? 'IP' : 'DNS'}:${name}`,
  )
  writeFileSync(
    path('authority.cnf'),
    [
      '[req]',
      'distinguished_name = subject',
      'prompt = no',
      'x509_extensions = authority',
      '[subject]',
      'CN = registry-purge private authority',
      '[authority]',
      'basicConstraints = critical, CA:TRUE',
      'keyUsage = critical, keyCertSign, cRLSign',
      'subjectKeyIdentifier = hash',
      '[server]',
      'basicConstraints = CA:FALSE',
      'keyUsage = digitalSignature',
      'extendedKeyUsage = serverAuth',
      'authorityKeyIdentifier = keyid',
      `subjectAltName = ${alternatives.join(', ')}`,
      '',
    ].join('\n'),
  )
  const config = path('authority.cnf')
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await openssl(
    ['req', '-x509', ...curve, '-days', '30', '-config', config],
    ['-keyout', path('ca.key'), '-out', path('ca.crt')],
  )
  await openssl(
    ['req', ...curve, '-config', config, '-subj', '/CN=localhost'],
    ['-keyout', path('server.key'), '-out', path('server.csr')],
  )
  await openssl(
    [
      'x509',
      '-req',
      '-days',
      '30',
      '-in',
      path('server.csr'),
      '-CA',
      path('ca.crt'),
      '-CAkey',
      path('ca.key'),
    ],
    [
      '-set_serial',
      String(Date.now()),
      '-extfile',
      config,
      '-extensions',
      'server',
      '-out',
      path('server.crt'),
    ],
  )
  return {
    caPath: path('ca.crt'),
    ca: readFileSync(path('ca.crt'), 'utf8'),
    certPath: path('server.crt'),
    keyPath: path('server.key'),
  }
}

/**
 * @param {string[]} what
 * @param {string[]} where
 */
async function openssl(what, where) {
  const result = await runCommand('openssl', [...what, ...where])
  if (result.code !== 0) throw new Error(`openssl ${what[0]} failed: ${lastLine(result)}`)
}
