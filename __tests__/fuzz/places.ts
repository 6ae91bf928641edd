import fc from 'fast-check'
import { headerText, shortText } from './hostile-text.js'

/**
 * Words in a hostile answer that are filled in when it is sent: the places of this run, and what the request brought.
 */
export interface Fillings {
  /** Host and port of the registry itself. */
  readonly self: string
  /** Of a server that no answer of a registry may lead credentials to. */
  readonly canary: string
  /** Of a token service. */
  readonly realm: string
  /** What a hostile registry sends back; `{quoted}` is the same as it stands between quotes. */
  readonly password: string
  readonly authorization: string
}

export function filled(text: string, fillings: Fillings): string {
  const all = { ...fillings, quoted: fillings.password.replace(/["\\]/g, '\\$&') }
  return text.replace(
    /\{(self|canary|realm|password|authorization|quoted)\}/g,
    (_, name) => all[name as keyof typeof all],
  )
}

/** Where no answer may lead: the link, the machine's own credentials, other schemes. */
const FORBIDDEN = [
  'http://169.254.169.254/latest/meta-data/iam/',
  'http://169.254.169.254:{canary}/',
  'http://2852039166/latest/',
  'http://0xa9fea9fe/',
  'http://169.254.43518/',
  'http://[fe80::1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://METADATA.google.internal./',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'data:text/html,<b>',
  'ftp://link.invalid/',
  'unix:/var/run/docker.sock',
  'http://',
  'http://[',
  'http://a:99999/',
  '://',
]

const paths = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'v2/',
    '?a=b',
    '#a',
    '..%2f..',
    '%0d%0a',
    'x?token={password}',
    'x#{authorization}',
  ),
  shortText.map((text) => encodeURIComponent(text.toWellFormed())),
  headerText,
)

/** Where a redirect, a page link or a token service may lead: here, elsewhere, and to where nothing may go. */
export const address = (elsewhere: 'canary' | 'realm'): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: paths.map((path) => `http://{${elsewhere}}/${path}`) },
    { weight: 1, arbitrary: paths.map((path) => `http://{self}/${path}`) },
    { weight: 1, arbitrary: paths.map((path) => `/v2/${path}`) },
    { weight: 1, arbitrary: paths.map((path) => `//{${elsewhere}}/${path}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(`https://{${elsewhere}}/`, `http://bob:x@{${elsewhere}}/`),
    },
    { weight: 1, arbitrary: fc.constant('http://evil.invalid/{password}') },
    { weight: 3, arbitrary: fc.constantFrom(...FORBIDDEN) },
    // Two slashes would lead to a host, and no name may be looked up that somebody could have.
    { weight: 1, arbitrary: headerText.map((text) => text.replace(/[/\\]+/g, '/')) },
  )
