import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isWrong } from '../../oci/parsed.js'
import type { Basic, Found } from './credentials.js'
import { placesIn, type Place } from './docker-config.js'
import { runHelper } from './helper.js'

/** The places to search for credentials. */
export interface Sources {
  /** Scheme, host and port of the registry. */
  readonly origin: string
  /** From the inputs. Takes precedence. */
  readonly given: Omit<Basic, 'kind'> | undefined
  /** The folder of the Docker config: DOCKER_CONFIG, or `.docker` in the home. */
  readonly folder: string
  /** The environment of helpers. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/** The Docker config cannot be used. The message says what to do. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
}

const REMEDY = 'Log in again, or set `username` and `password`'

/**
 * Finds the credentials for a registry in the inputs, or else in the Docker config, which `docker/login-action` and the
 * login actions of clouds write in an earlier step.
 *
 * @throws CredentialsError if the config cannot be read, or its entry for the registry cannot be used: without it, the
 *   requests would be anonymous or those of another user
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
  if (isWrong(places)) throw new CredentialsError(`the Docker config ${file} ${places.wrong}. ${REMEDY}`)
  for (const place of places) {
    if (place.is === 'entry')
      return {
        credentials: place.credentials,
        source: `the Docker config (entry ${JSON.stringify(place.key)} in ${file})`,
      }
    const credentials = await fromHelper(place, { file, host, environment, signal })
    if (credentials !== undefined)
      return { credentials, source: `docker-credential-${place.helper} (${place.setting} in ${file})` }
  }
  return { source: `no \`username\`, and no entry for ${host} in ${file}` }
}

/** Tries every name under which the helper may know the host. */
async function fromHelper(
  { helper, setting, servers }: Place & { is: 'helper' },
  { file, host, ...options }: { file: string; host: string } & Pick<Sources, 'environment' | 'signal'>,
): Promise<Found['credentials']> {
  for (const server of servers) {
    const credentials = await runHelper(helper, server, options)
    if (isWrong(credentials))
      throw new CredentialsError(
        `docker-credential-${helper}, which the ${setting} in ${file} names for ${host}, ${credentials.wrong}. ${REMEDY}`,
      )
    if (credentials !== undefined) return credentials
  }
  return undefined
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new CredentialsError(`the Docker config ${file} cannot be read (${code}). ${REMEDY}`, {
      cause: error,
    })
  }
}
