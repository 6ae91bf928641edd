import { isIP } from 'node:net'

/** Metadata services of clouds outside the link-local range. They return credentials of the machine. */
const METADATA: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.goog',
  'metadata.google.internal',
  'instance-data',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
])

/**
 * @param host a host name or an address, from a URL or resolved
 * @returns whether it is link-local (169.254.0.0/16 and fe80::/10, in any notation) or a machine's metadata service. No
 *   request may be sent there because of a response
 */
export function isForbidden(host: string): boolean {
  const bare = host
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .replace(/\.$/, '')
    .toLowerCase()
  if (METADATA.has(bare)) return true
  if (isIP(bare) === 4) return bare.startsWith('169.254.')
  if (isIP(bare) !== 6) return false
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  if (METADATA.has(short) || /^fe[89ab]/.test(short)) return true
  const embedded = /^(?:::(?:ffff:(?:0:)?)?|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short)
  if (embedded === null) return false
  const [high, low] = [embedded[1], embedded[2]].map((part) => Number.parseInt(part ?? '0', 16))
  return isForbidden([(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255].join('.'))
}
