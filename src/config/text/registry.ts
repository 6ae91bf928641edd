import type { Parsed } from '../../oci/parsed.js'

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/

/** A scheme, if any; the host; and what follows it. */
const ADDRESS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?([^/?#]*)([^]*)$/
const FORMS = 'write `https://host[:port]`, `host[:port]` or `http://host[:port]`'

/**
 * Parses the address of a registry: `https://host[:port]`, `host[:port]` or `http://host[:port]`, also with a slash at its
 * end.
 *
 * @returns its origin, in the form of the URL standard
 */
export function parseOrigin(text: string): Parsed<string> {
  const [, written, host = '', rest = ''] = ADDRESS.exec(text) ?? []
  const scheme = written?.toLowerCase() ?? 'https'
  if (text.includes('@'))
    return { wrong: `credentials belong in \`username\` and \`password\`, not here; ${FORMS}` }
  const origin = HOST.test(host) ? originOf(scheme === 'http' ? scheme : 'https', host) : undefined
  if (origin === undefined) return { wrong: FORMS }
  if (scheme !== 'https' && scheme !== 'http')
    return { wrong: `\`${scheme}://\` is the form of another tool. Write \`${host}\`; ${FORMS}` }
  if (/^\/*$/.test(rest)) return { value: origin }
  const only = written === undefined ? host : `${scheme}://${host}`
  return {
    wrong: `only the host belongs here, without what follows it. Write \`${only}\`; repositories belong in \`image\` or \`repositories\`; ${FORMS}`,
  }
}

function originOf(scheme: string, host: string): string | undefined {
  try {
    return apiOrigin(new URL(`${scheme}://${host}`))
  } catch {
    return undefined
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
