import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
import { lastLine, runCommand } from '../command.js'

/**
 * @typedef {{ caPath: string, ca: string, certPath: string, keyPath: string }} Authority
 * @typedef {{ certificate: string, key: string, certPath: string, keyPath: string }} ClientCertificate
 * `certificate` and `key` are the contents of these files.
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
 * Makes a client certificate that the authority signed, for mutual TLS.
 * @param {Authority} authority as `makeAuthority` made it
 * @param {string} name for the subject and the files, which are put beside those of the authority
 * @param {{ between?: boolean }} [options] with `between`, an intermediate authority signs the certificate. The
 *   file then contains the certificate of that authority, too: a server that trusts only the first authority needs both
 * @returns {Promise<ClientCertificate>}
 */
export async function makeClientCertificate({ caPath }, name, { between = false } = {}) {
  const folder = dirname(caPath)
  const path = (/** @type {string} */ ending) => join(folder, `${name}.${ending}`)
  writeFileSync(
    path('cnf'),
    [
      '[between]',
      'basicConstraints = critical, CA:TRUE, pathlen:0',
      'keyUsage = critical, keyCertSign',
      'subjectKeyIdentifier = hash',
      '[client]',
      'basicConstraints = CA:FALSE',
      'keyUsage = digitalSignature',
      'extendedKeyUsage = clientAuth',
      '',
    ].join('\n'),
  )
  const issue = async (
    /** @type {string} */ file,
    /** @type {string} */ extensions,
    /** @type {string} */ signer,
  ) => {
    await openssl(
      ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${file}`],
      ['-keyout', join(folder, `${file}.key`), '-out', join(folder, `${file}.csr`)],
    )
    await openssl(
      ['x509', '-req', '-days', '30', '-set_serial', String(Date.now()), '-in', join(folder, `${file}.csr`)],
      [
        ...['-CA', join(folder, `${signer}.crt`), '-CAkey', join(folder, `${signer}.key`)],
        ...['-extfile', path('cnf'), '-extensions', extensions, '-out', join(folder, `${file}.crt`)],
      ],
    )
  }
  const signer = between ? `${name}-authority` : 'ca'
  if (between) await issue(signer, 'between', 'ca')
  await issue(name, 'client', signer)
  if (between) appendFileSync(path('crt'), readFileSync(join(folder, `${signer}.crt`)))
  return {
    certificate: readFileSync(path('crt'), 'utf8'),
    key: readFileSync(path('key'), 'utf8'),
    certPath: path('crt'),
    keyPath: path('key'),
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
