import type { Parsed } from '../../oci/parsed.js'

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/

/**
 * Parses the address of a registry: `https://host[:port]`, `host[:port]` or `http://host[:port]`.
 *
 * @returns its origin, in the form of the URL standard
 */
export function parseOrigin(text: string): Parsed<string> {
  const forms = 'write `https://host[:port]`, `host[:port]` or `http://host[:port]`'
  const [, scheme = 'https', rest = text] = /^(https?):\/\/(.*)$/.exec(text) ?? []
  if (rest.includes('@'))
    return { wrong: `credentials belong in \`username\` and \`password\`, not here; ${forms}` }
  if (!HOST.test(rest)) return { wrong: forms }
  try {
    return { value: apiOrigin(new URL(`${scheme}://${rest}`)) }
  } catch {
    return { wrong: forms }
  }
}

/** @returns whether a host in a reference is that of the registry. Its default port is that of the registry's scheme */
export function isHostOf(origin: string, host: string): boolean {
  try {
    return apiOrigin(new URL(`${new URL(origin).protocol}//${host}`)) === origin
  } catch {
    return false
  }
}

/** The usual names of Docker Hub. Its API has another host. */
const HUB: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io'])

function apiOrigin({ origin, protocol, host }: URL): string {
  return protocol === 'https:' && HUB.has(host) ? 'https://registry-1.docker.io' : origin
}
