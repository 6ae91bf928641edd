import type { Credentials } from './credentials.js'

/** Where the Docker config says that the credentials of a host are. */
export type Place =
  /** In the file itself. */
  | { readonly is: 'entry'; readonly key: string; readonly credentials: Credentials }
  /** With a helper: `docker-credential-<helper>`, asked for `server`. */
  | {
      readonly is: 'helper'
      readonly helper: string
      /** The setting that names it. */
      readonly setting: string
      /** Names by which it may know the host, the likeliest first. */
      readonly servers: readonly string[]
    }

/** Docker's own name for its hub, from times when that was an index. */
const HUB_KEY = 'https://index.docker.io/v1/'
const HUB: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])
/** A longer path belongs to a part of a host only, as other tools write it: such an entry is not the host's. */
const PATHS = /^\/?(?:v[12]\/?)?$/
/** A URL's own reading would make hosts of much else. */
const HOST = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/
const HELPER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/

/**
 * Looks up a host in a Docker config, as the Docker CLI does: a helper for the host, then the store, then the file. Hosts
 * are compared as a whole, port included: an entry for another port, or for a parent domain, is somebody else's.
 *
 * @param text of config.json
 * @param origin scheme, host and port of the registry
 * @returns the places, in the order in which they are to be asked, or what is wrong with the file, in words
 */
export function placesIn(text: string, origin: string): Place[] | string {
  let config: unknown
  try {
    config = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return 'is no JSON'
  }
  if (!isObject(config)) return 'is no JSON object'
  const { auths, credHelpers, credsStore } = config
  if (auths !== undefined && auths !== null && !isObject(auths)) return 'has `auths` that are no object'
  if (credHelpers !== undefined && credHelpers !== null && !isObject(credHelpers))
    return 'has `credHelpers` that are no object'
  const keys = Object.keys(auths ?? {}).filter((key) => isFor(key, origin))
  // The host alone before other ways to write it.
  keys.sort((one, other) => Number(one.includes('/')) - Number(other.includes('/')))

  const places: Place[] = []
  const named = Object.entries(credHelpers ?? {}).find(([key]) => isFor(key, origin))
  const setting = named === undefined ? '`credsStore`' : `\`credHelpers\` entry ${JSON.stringify(named[0])}`
  const helper = named === undefined ? credsStore : named[1]
  if (helper !== undefined && helper !== null && helper !== '') {
    if (typeof helper !== 'string' || !HELPER.test(helper)) return `names in its ${setting} what is no helper`
    places.push({ is: 'helper', helper, setting, servers: [...new Set([serverOf(origin), ...keys])] })
  }
  for (const key of keys) {
    const credentials = readEntry((auths as Record<string, unknown>)[key])
    if (typeof credentials === 'string') return `has an entry ${JSON.stringify(key)} ${credentials}`
    if (credentials !== undefined) places.push({ is: 'entry', key, credentials })
  }
  return places
}

/** @returns what an entry holds, undefined where it is there only to say that a helper has it, or what is wrong */
function readEntry(entry: unknown): Credentials | undefined | string {
  if (!isObject(entry)) return 'that is no object'
  const { auth, username, password, identitytoken, registrytoken } = entry
  if (isText(identitytoken)) return { kind: 'identity', token: identitytoken }
  if (isText(registrytoken)) return { kind: 'ready', token: registrytoken }
  if (isText(auth)) {
    // Docker pads with zero bytes.
    const pair = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '')
    const colon = pair.indexOf(':')
    if (colon < 1) return 'whose `auth` is not the base64 form of user:password'
    return { kind: 'basic', username: pair.slice(0, colon), password: pair.slice(colon + 1) }
  }
  if (isText(username) && isText(password)) return { kind: 'basic', username, password }
  return undefined
}

/** @returns whether a key of the config stands for this host */
function isFor(key: string, origin: string): boolean {
  const { protocol, host } = new URL(origin)
  const [, rest = ''] = /^(?:https?:\/\/)?(.*)$/i.exec(key) ?? []
  const slash = rest.indexOf('/')
  const [name, path] = slash < 0 ? [rest, ''] : [rest.slice(0, slash), rest.slice(slash)]
  if (!HOST.test(name) || !PATHS.test(path)) return false
  if (!URL.canParse(`${protocol}//${name}`)) return false
  const keyHost = new URL(`${protocol}//${name}`).host
  return keyHost === host || (HUB.has(keyHost) && HUB.has(host))
}

function serverOf(origin: string): string {
  const { host } = new URL(origin)
  return HUB.has(host) ? HUB_KEY : host
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
