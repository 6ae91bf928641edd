/** Credentials of the Basic scheme (RFC 7617), also shown to a token service. */
export interface Basic {
  readonly kind: 'basic'
  readonly username: string
  readonly password: string
}

/** A refresh token (`identitytoken` in the Docker config): it is worth something at a token service only. */
export interface Identity {
  readonly kind: 'identity'
  readonly token: string
}

/** A Bearer token that somebody else got (`registrytoken` in the Docker config): sent as it is, never renewed. */
export interface Ready {
  readonly kind: 'ready'
  readonly token: string
}

/** What is shown to a registry that asks. */
export type Credentials = Basic | Identity | Ready

/** Credentials, and where they were found, for messages. Without credentials: anonymous access. */
export interface Found {
  readonly credentials?: Credentials
  /** Such as `the inputs`: follows on "credentials from". */
  readonly source: string
}

/** @returns the value of the Authorization header. */
export function basicHeader({ username, password }: Pick<Basic, 'username' | 'password'>): string {
  return `Basic ${pair({ username, password })}`
}

/** @returns every text of these credentials that may stand nowhere. */
export function secretsOf(credentials: Credentials): string[] {
  return credentials.kind === 'basic' ? [credentials.password, pair(credentials)] : [credentials.token]
}

function pair({ username, password }: Pick<Basic, 'username' | 'password'>): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64')
}
