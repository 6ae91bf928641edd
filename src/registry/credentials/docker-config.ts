import { isWrong, type Wrong } from '../../oci/parsed.js'
import type { Credentials } from './credentials.js'

/** A place that has the credentials of a host, according to the Docker config. */
export type Place =
  /** In the file itself. */
  | { readonly is: 'entry'; readonly key: string; readonly credentials: Credentials }
  /** In a helper: the program `docker-credential-<helper>`. */
  | {
      readonly is: 'helper'
      readonly helper: string
      /** The setting that names it. */
      readonly setting: string
      /** Names under which the helper may know the host, the likeliest first. */
      readonly servers: readonly string[]
    }

/** The key of Docker Hub, for historical reasons. */
const HUB_KEY = 'https://index.docker.io/v1/'
const HUB: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])
/** Paths of a key for a whole host. Some tools write longer paths, for a part of a host. */
const PATHS = /^\/?(?:v[12]\/?)?$/
/** Stricter than `URL`, which accepts many other texts as a host. */
const HOST = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/
const HELPER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/

/**
 * Finds a host in a Docker config, as the Docker CLI does: first the helper for the host (`credHelpers`) or for all hosts
 * (`credsStore`), then the file itself. Compares whole hosts with their ports: an entry for another port, or for a parent
 * domain, belongs to another registry.
 *
 * @param text the content of config.json
 * @param origin scheme, host and port of the registry
 * @returns the places to try, in this order, or why the file cannot be used
 */
export function placesIn(text: string, origin: string): Place[] | Wrong {
  let config: unknown
  try {
    config = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return { wrong: 'is not JSON' }
  }
  if (!isObject(config)) return { wrong: 'is not a JSON object' }
  const { auths, credHelpers, credsStore } = config
  if (auths !== undefined && auths !== null && !isObject(auths))
    return { wrong: 'has `auths` that are not an object' }
  if (credHelpers !== undefined && credHelpers !== null && !isObject(credHelpers))
    return { wrong: 'has `credHelpers` that are not an object' }
  const keys = Object.keys(auths ?? {}).filter((key) => isFor(key, origin))
  // A key with the host alone comes before a key with a path.
  keys.sort((one, other) => Number(one.includes('/')) - Number(other.includes('/')))

  const places: Place[] = []
  const named = Object.entries(credHelpers ?? {}).find(([key]) => isFor(key, origin))
  const setting = named === undefined ? '`credsStore`' : `\`credHelpers\` entry ${JSON.stringify(named[0])}`
  const helper = named === undefined ? credsStore : named[1]
  if (helper !== undefined && helper !== null && helper !== '') {
    if (typeof helper !== 'string' || !HELPER.test(helper))
      return { wrong: `has a ${setting} that does not name a helper` }
    places.push({ is: 'helper', helper, setting, servers: [...new Set([serverOf(origin), ...keys])] })
  }
  for (const key of keys) {
    const credentials = readEntry((auths as Record<string, unknown>)[key])
    if (isWrong(credentials)) return { wrong: `has an entry ${JSON.stringify(key)} ${credentials.wrong}` }
    if (credentials !== undefined) places.push({ is: 'entry', key, credentials })
  }
  return places
}

/** @returns the credentials of an entry, undefined if it has none (a helper has them), or why it cannot be used */
function readEntry(entry: unknown): Credentials | Wrong | undefined {
  if (!isObject(entry)) return { wrong: 'that is not an object' }
  const { auth, username, password, identitytoken, registrytoken } = entry
  if (isText(identitytoken)) return { kind: 'identity', token: identitytoken }
  if (isText(registrytoken)) return { kind: 'ready', token: registrytoken }
  if (isText(auth)) {
    // Docker pads with zero bytes.
    const pair = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '')
    const colon = pair.indexOf(':')
    if (colon < 1) return { wrong: 'whose `auth` is not the base64 form of user:password' }
    return { kind: 'basic', username: pair.slice(0, colon), password: pair.slice(colon + 1) }
  }
  if (isText(username) && isText(password)) return { kind: 'basic', username, password }
  return undefined
}

/** @returns whether a key of the config names this host */
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
