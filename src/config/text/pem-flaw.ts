import { hasPem, isDer, pemBlocks, type PemSource } from './pem.js'

/** Object identifiers in DER: PKCS#7 signedData, and the data of a PKCS#12 file behind its version. */
const PKCS7 = Buffer.from('06092a864886f70d010702', 'hex')
const PKCS12 = Buffer.from('020103', 'hex')

type Wanted = 'certificate' | 'key'

/** For each label: what it is, and the command that makes PEM of it. */
const OTHER_BLOCKS: Readonly<Record<Wanted, Readonly<Record<string, string>>>> = {
  certificate: {
    'TRUSTED CERTIFICATE':
      'a TRUSTED CERTIFICATE of OpenSSL. Convert it with `openssl x509 -in FILE -out FILE.pem`',
    PKCS7: 'a PKCS#7 bundle. Convert it with `openssl pkcs7 -print_certs -in FILE -out FILE.pem`',
    CMS: 'a PKCS#7 bundle. Convert it with `openssl pkcs7 -print_certs -in FILE -out FILE.pem`',
    'CERTIFICATE REQUEST': 'the request for a certificate. Give the certificate that the authority issued',
    'NEW CERTIFICATE REQUEST':
      'the request for a certificate. Give the certificate that the authority issued',
    'PUBLIC KEY': 'a public key. Give the certificate',
  },
  key: {
    'OPENSSH PRIVATE KEY': 'a key in the form of OpenSSH. Convert it with `ssh-keygen -p -m PKCS8 -f FILE`',
    CERTIFICATE: 'a certificate. Give the private key that belongs to it',
    'PUBLIC KEY': 'a public key. Give the private key',
  },
}

/** @returns what a text without the wanted block is instead, and what to do; the empty text if that is unknown */
export function pemFlaw(source: PemSource, wanted: Wanted): string {
  const { text, other } = source
  const known = pemBlocks(text).map(({ label }) => OTHER_BLOCKS[wanted][label])
  const block = known.find((each) => each !== undefined)
  if (block !== undefined) return `: it is ${block}`
  if (hasPem(text) && !text.includes('-----END'))
    return ': it is cut off. Give the whole text, to its last line -----END …'
  if (!hasPem(text) && text.includes('-----END'))
    return ': it lost its beginning. Give the whole text, from its first line -----BEGIN …'
  if (other === undefined || !isDer(other.bytes)) return ''
  if (other.isBase64)
    return ': it is base64 without its first and last line. Give the whole PEM file, from -----BEGIN … to -----END …'
  return `: it is ${derText(Buffer.from(other.bytes), wanted)}`
}

function derText(bytes: Buffer, wanted: Wanted): string {
  const start = bytes.subarray(0, 32)
  if (start.includes(PKCS7) && !start.includes(PKCS12))
    return 'a PKCS#7 bundle. Convert it with `openssl pkcs7 -inform der -print_certs -in FILE -out FILE.pem`'
  if (start.indexOf(PKCS12) === 4) {
    const what = wanted === 'key' ? '-nocerts' : '-nokeys'
    return `perhaps a PKCS#12 file. Convert it with \`openssl pkcs12 -in FILE -nodes ${what} -out FILE.pem\``
  }
  const command = wanted === 'key' ? 'pkey' : 'x509'
  return `in DER form. Convert it with \`openssl ${command} -inform der -in FILE -out FILE.pem\``
}
