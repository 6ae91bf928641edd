/** User and password, for the Basic scheme (RFC 7617) and for token services. */
export interface Basic {
  readonly kind: 'basic'
  readonly username: string
  readonly password: string
}

/** A refresh token (`identitytoken` in the Docker config), which only a token service accepts. */
export interface Identity {
  readonly kind: 'identity'
  readonly token: string
}

/** A Bearer token (`registrytoken` in the Docker config). Sent as it is, never renewed. */
export interface Ready {
  readonly kind: 'ready'
  readonly token: string
}

/** Credentials for a registry. */
export type Credentials = Basic | Identity | Ready

/** Credentials and their source. Without credentials, access is anonymous. */
export interface Found {
  readonly credentials?: Credentials
  /** For messages, after "credentials from": such as `the inputs`. */
  readonly source: string
}

/** @returns the value of the Authorization header */
export function basicHeader({ username, password }: Pick<Basic, 'username' | 'password'>): string {
  return `Basic ${pair({ username, password })}`
}

/** @returns every text of these credentials that must not be shown */
export function secretsOf(credentials: Credentials): string[] {
  return credentials.kind === 'basic' ? [credentials.password, pair(credentials)] : [credentials.token]
}

function pair({ username, password }: Pick<Basic, 'username' | 'password'>): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64')
}
