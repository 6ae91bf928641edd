import type { Environment } from './environment.js'

/** The problem of a variable that has no effect. It holds nothing of the variable's value but the scheme. */
export interface UnusedProxy {
  readonly kind: 'proxy-not-used'
  readonly name: string
  readonly why: 'no-scheme' | 'scheme' | 'not-read'
  readonly scheme?: string
  /** The name of a variable that would be used. */
  readonly instead: string
}

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']
/** Other programs read these as well; Node does not. */
const ALL = ['all_proxy', 'ALL_PROXY']
/** Node uses proxies with these schemes only, in lower case. It ignores any other address. */
const USED = /^https?:\/\//

/** @returns the variables of the environment that name proxies */
export function proxiesOf(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(
    NAMES.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  )
}

/** @returns the passwords in the addresses of proxies: as written, decoded, and in base64 as a request carries them */
export function proxySecrets(environment: Environment): string[] {
  const values = [...Object.values(proxiesOf(environment)), ...ALL.map((name) => environment[name])]
  return values.flatMap((value) => {
    const address = value === undefined ? undefined : addressOf(value)
    if (address === undefined || address.password === '') return []
    const { username, password } = address
    const plain = [username, password].map(decode).join(':')
    return [password, decode(password), Buffer.from(plain, 'utf8').toString('base64')]
  })
}

/**
 * Finds the variable that names a proxy for the registry, but does not take effect, so that requests go to the registry
 * directly. A variable in lower case comes before one in capitals.
 *
 * @param origin the registry's
 * @returns undefined if the proxy is used, none is named, or NO_PROXY exempts the registry
 */
export function unusedProxy(environment: Environment, origin: string): UnusedProxy | undefined {
  const { protocol } = new URL(origin)
  const names = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY']
  if (isExempt(environment['no_proxy'] || environment['NO_PROXY'] || '', origin)) return undefined
  const name = [...names, ...ALL].find((each) => Boolean(environment[each]))
  if (name === undefined) return undefined
  const instead = names[1] ?? ''
  if (ALL.includes(name)) return { kind: 'proxy-not-used', name, why: 'not-read', instead }
  const value = environment[name] ?? ''
  if (USED.test(value)) return undefined
  const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]{0,30}):\/\//.exec(value) ?? []
  return scheme === undefined
    ? { kind: 'proxy-not-used', name, why: 'no-scheme', instead }
    : { kind: 'proxy-not-used', name, why: 'scheme', scheme, instead }
}

/** @returns whether NO_PROXY names the host: whole, with its port, or by a domain that it is in */
function isExempt(list: string, origin: string): boolean {
  const { hostname, host } = new URL(origin)
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => {
      if (entry === '*' || entry === hostname || entry === host) return true
      const domain = entry.replace(/^\*(?=\.)/, '')
      return domain.startsWith('.') && (hostname.endsWith(domain) || hostname === domain.slice(1))
    })
}

/** Many write an address without its scheme, and may write a password there. */
function addressOf(value: string): URL | undefined {
  const whole = /^[\w+.-]+:\/\//.test(value) ? value : `http://${value}`
  return URL.canParse(whole) ? new URL(whole) : undefined
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
