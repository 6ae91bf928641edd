import type { Certificate, Unverified } from './certificate.js'

const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
])
const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID'
const EXPIRED = 'CERT_HAS_EXPIRED'
const NOT_YET_VALID = 'CERT_NOT_YET_VALID'
/** Further results of OpenSSL's verification, by the names that Node gives them. */
const UNSOUND = new Set([
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'UNSPECIFIED',
])

const SHOWN_CERTIFICATES = 3
const SHOWN_HOSTS = 5
const SHOWN_NAME = 100

/** @returns whether the code of a failed connection is about the server's certificate */
export function isOfCertificate(code: string): boolean {
  return (
    UNKNOWN_AUTHORITY.has(code) || UNSOUND.has(code) || [OTHER_NAME, EXPIRED, NOT_YET_VALID].includes(code)
  )
}

/** @returns what is wrong with the certificate, what was read, and what to do; undefined for another code */
export function certificateText(code: string, url: URL, facts?: Unverified): string | undefined {
  if (!isOfCertificate(code)) return undefined
  const { host } = url
  if (UNKNOWN_AUTHORITY.has(code))
    return `the certificate of ${host} is from an authority that is not trusted (${code})${authorityText(facts)}`
  if (code === OTHER_NAME) {
    const hosts = facts?.sent[0]?.hosts ?? []
    const names = hosts.length === 0 ? '' : `: it is for ${list(hosts.map(harmless), SHOWN_HOSTS)}`
    return `the certificate of ${host} is for another name (${code})${names}. Set \`registry\` to a name in the certificate`
  }
  if (code === EXPIRED) return expiredText(host, code, facts)
  if (code === NOT_YET_VALID) {
    const late = facts?.sent.find(({ from }) => from > facts.at)
    const when = late === undefined ? '' : `: ${nameOf(late.subject)} is valid from ${day(late.from)}`
    return `the certificate of ${host} is not valid yet (${code})${when}. Check the clock of this runner`
  }
  return `the certificate of ${host}, or one that issued it, cannot be used (${code})${readText(facts?.given)}. Have the registry send a certificate with a valid chain`
}

/** What was read, what is missing, and which certificate to add. */
function authorityText(facts: Unverified | undefined): string {
  const given = facts?.given ?? []
  const own = facts?.sent[0]
  const top = facts?.sent.at(-1)
  if (own === undefined || top === undefined)
    return `${readText(given)}. Add the authority's certificate to \`ca-certificate\``
  if (isSelfSigned(own))
    return `: it is self-signed, and it is neither among the system's authorities nor in \`ca-certificate\`${readText(given)}. If it is genuine, add this certificate (${described(own)}) to \`ca-certificate\``
  const missing = isSelfSigned(top) ? top.subject : top.issuer
  const namesake = given.find(({ subject }) => subject === missing)
  if (namesake !== undefined)
    return `: it was issued by ${nameOf(missing)}, and \`ca-certificate\` has a certificate of that name (${described(namesake)}), but with another key. Replace it with the authority's present certificate`
  return `: it was issued by ${nameOf(missing)}, which is neither among the system's authorities nor in \`ca-certificate\`${readText(given)}. Add the certificate of ${nameOf(missing)} to \`ca-certificate\``
}

/** The expired certificate may be that of an authority, from the server or from the user. */
function expiredText(host: string, code: string, facts: Unverified | undefined): string {
  const isOver = ({ to }: Certificate): boolean => to < (facts?.at ?? 0)
  const own = facts?.sent[0]
  const given = facts?.given.find(isOver)
  if (own === undefined || isOver(own)) {
    const which = own === undefined ? '' : `: ${described(own)}`
    return `the certificate of ${host} has expired (${code})${which}. Renew it`
  }
  if (given !== undefined)
    return `the certificate of an authority in \`ca-certificate\` has expired (${code}): ${described(given)}. Replace it with the authority's present certificate`
  const between = facts?.sent.find(isOver)
  const which = between === undefined ? '' : `: ${described(between)}`
  return `the certificate of an authority that issued that of ${host} has expired (${code})${which}. Have the registry send the authority's present certificate`
}

function readText(given: readonly Certificate[] = []): string {
  if (given.length === 0) return ''
  const many = given.length === 1 ? '1 certificate' : `${given.length} certificates`
  return ` (read: ${many}, ${list(given.map(described), SHOWN_CERTIFICATES)})`
}

function isSelfSigned({ subject, issuer }: Certificate): boolean {
  return subject === issuer
}

function described({ subject, to }: Certificate): string {
  return `${nameOf(subject)} valid until ${day(to)}`
}

/** @returns the common name of a certificate, or its whole name if it has none, in quotation marks */
function nameOf(name: string): string {
  const parts = name.split('\n')
  const common = parts.filter((part) => part.startsWith('CN=')).at(-1)
  return `"${harmless(common ?? parts.join(', '))}"`
}

function day(time: number): string {
  return Number.isNaN(time) ? 'an unknown day' : new Date(time).toISOString().slice(0, 10)
}

function list(texts: readonly string[], most: number): string {
  const more = texts.length > most ? ` and ${texts.length - most} more` : ''
  return `${texts.slice(0, most).join(', ')}${more}`
}

/** @returns text of a certificate in one line of bounded length, without characters that could mean something elsewhere */
function harmless(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N} .,:;_@/()*=+&-]/gu, '?')
  return plain.length > SHOWN_NAME ? `${plain.slice(0, SHOWN_NAME)}…` : plain
}
