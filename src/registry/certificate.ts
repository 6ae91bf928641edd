import { X509Certificate } from 'node:crypto'

/** A certificate, as far as a message needs it. Everything in it is text from outside. */
export interface Certificate {
  /** The whole names, each part on a line of its own. */
  readonly subject: string
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  /** The host names and addresses that it is for. */
  readonly hosts: readonly string[]
}

/** The facts about a certificate that could not be verified. */
export interface Unverified {
  /** The certificates in `ca-certificate`. */
  readonly given: readonly Certificate[]
  /** The certificates that the server sent, its own first. Empty if they could not be read. */
  readonly sent: readonly Certificate[]
  /** The time of the check, in milliseconds since the epoch. */
  readonly at: number
}

/** @param pem a certificate that was read before @returns undefined if it cannot be read */
export function certificateIn(pem: string): Certificate | undefined {
  try {
    return certificateOf(new X509Certificate(pem))
  } catch {
    return undefined
  }
}

export function certificateOf(certificate: X509Certificate): Certificate {
  const { subject, issuer, validFrom, validTo, subjectAltName = '' } = certificate
  return {
    subject,
    issuer,
    from: Date.parse(validFrom),
    to: Date.parse(validTo),
    hosts: subjectAltName.split(', ').flatMap((each) => /^(?:DNS|IP Address):(.+)$/.exec(each)?.[1] ?? []),
  }
}
