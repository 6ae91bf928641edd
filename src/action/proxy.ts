import type { Environment } from './environment.js'

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

/** @returns the variables of the environment that name proxies */
export function proxiesOf(environment: Environment): Record<string, string | undefined> {
  return Object.fromEntries(
    NAMES.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  )
}

/** @returns the passwords in the addresses of proxies: as written, decoded, and in base64 as a request carries them */
export function proxySecrets(environment: Environment): string[] {
  return Object.values(proxiesOf(environment)).flatMap((value) => {
    if (value === undefined || !URL.canParse(value)) return []
    const { username, password } = new URL(value)
    if (password === '') return []
    const plain = [username, password].map(decode).join(':')
    return [password, decode(password), Buffer.from(plain, 'utf8').toString('base64')]
  })
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
