import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { Endpoint } from '../plan/item.js'
import { absenceOf, type Absence } from '../registry/absence.js'
import { attempt } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { describe, WireError } from '../registry/errors.js'
import { readingFor, type Asking } from './asking.js'

/**
 * The negative control: asks for a random digest, which never existed, on one endpoint. A 404 for a purged digest is the
 * registry's own if this one is answered in the same way.
 *
 * @returns how the registry says that something is not there, or why that cannot be told
 * @throws Stopped
 */
export function neverDigest(asking: Asking, endpoint: Endpoint): Promise<Absence | string> {
  const digest = `sha256:${asking.random.hex(32)}` as Digest
  return ask(asking, endpoint, digest)
}

/** The same for a random tag: some registries have other words for those. @throws Stopped */
export function neverTag(asking: Asking): Promise<Absence | string> {
  return ask(asking, 'manifests', `registry-purge-never-${asking.random.hex(16)}` as Tag)
}

async function ask(asking: Asking, endpoint: Endpoint, name: Digest | Tag): Promise<Absence | string> {
  const { client, repository } = asking
  const reading = readingFor(asking, 'control')
  const response = await attempt(
    endpoint === 'manifests'
      ? client.manifest(repository, name, reading)
      : client.blob(repository, name as Digest, reading),
  )
  if (response instanceof WireError)
    return `the comparison on /${endpoint}/ was not answered: ${response.message}`
  const how = absenceOf(response)
  const cache = cacheOf(response)
  if (how !== undefined && cache === undefined) return how
  const what = cache === undefined ? describe(response) : `${describe(response)} out of a cache (${cache})`
  return `the registry answered ${what} for a random digest on /${endpoint}/, so a 404 there proves nothing`
}
