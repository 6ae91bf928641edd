import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Basic, Found } from './credentials.js'
import { placesIn, type Place } from './docker-config.js'
import { askHelper } from './helper.js'

/** Where to look for credentials. */
export interface Sources {
  /** Scheme, host and port of the registry. */
  readonly origin: string
  /** What the inputs hold; it wins. */
  readonly given: Omit<Basic, 'kind'> | undefined
  /** The folder of the Docker config: DOCKER_CONFIG, else `.docker` in the home. */
  readonly folder: string
  /** For the helpers. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/** The Docker config cannot be used; the message is a sentence that says what to do. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
}

const REMEDY = 'Log in again, or give `username` and `password`'

/**
 * Finds the credentials for a registry: the inputs, else the Docker config, which `docker/login-action` and the login
 * actions of clouds write in an earlier step, else none.
 *
 * @throws CredentialsError where the config has something for the registry that cannot be used: to go on without it
 *   would be to ask as somebody else
 */
export async function findCredentials({
  origin,
  given,
  folder,
  environment,
  signal,
}: Sources): Promise<Found> {
  if (given !== undefined)
    return { credentials: { kind: 'basic', ...given }, source: 'the inputs `username` and `password`' }
  const file = join(folder, 'config.json')
  const { host } = new URL(origin)
  const text = read(file)
  const places = text === undefined ? [] : placesIn(text, origin)
  if (typeof places === 'string') throw new CredentialsError(`the Docker config ${file} ${places}. ${REMEDY}`)
  for (const place of places) {
    if (place.is === 'entry')
      return {
        credentials: place.credentials,
        source: `the Docker config (entry ${JSON.stringify(place.key)} in ${file})`,
      }
    const credentials = await ask(place, { file, host, environment, signal })
    if (credentials !== undefined)
      return { credentials, source: `docker-credential-${place.helper} (${place.setting} in ${file})` }
  }
  return { source: `no \`username\`, and no entry for ${host} in ${file}` }
}

async function ask(
  { helper, setting, servers }: Place & { is: 'helper' },
  { file, host, ...options }: { file: string; host: string } & Pick<Sources, 'environment' | 'signal'>,
): Promise<Found['credentials']> {
  for (const server of servers) {
    const answer = await askHelper(helper, server, options)
    if (typeof answer === 'string')
      throw new CredentialsError(
        `docker-credential-${helper}, which the ${setting} in ${file} names for ${host}, ${answer}. ${REMEDY}`,
      )
    if (answer !== undefined) return answer
  }
  return undefined
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new CredentialsError(`the Docker config ${file} cannot be read (${code}). ${REMEDY}`)
  }
}
