import type { Parsed } from './values.js'

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/

/**
 * Reads the address of a registry: `https://host[:port]`, `host[:port]`, or `http://host[:port]`.
 *
 * @returns its origin, as the URL standard writes it
 */
export function registryOrigin(text: string): Parsed<string> {
  const accepted = '`https://host[:port]`, `host[:port]` or `http://host[:port]` is accepted'
  const [, scheme = 'https', rest = text] = /^(https?):\/\/(.*)$/.exec(text) ?? []
  if (rest.includes('@'))
    return { wrong: `credentials do not belong here but in \`username\` and \`password\`; ${accepted}` }
  if (!HOST.test(rest)) return { wrong: accepted }
  try {
    return { value: apiOrigin(new URL(`${scheme}://${rest}`)) }
  } catch {
    return { wrong: accepted }
  }
}

/** @returns whether a host written in front of a reference is the registry's, by its scheme's default port. */
export function isHostOf(origin: string, host: string): boolean {
  try {
    return apiOrigin(new URL(`${new URL(origin).protocol}//${host}`)) === origin
  } catch {
    return false
  }
}

/** Docker Hub's API has a host of its own; these are the names by which people call it. */
const HUB: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io'])

function apiOrigin({ origin, protocol, host }: URL): string {
  return protocol === 'https:' && HUB.has(host) ? 'https://registry-1.docker.io' : origin
}
