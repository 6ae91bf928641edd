import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import type { ControlFlaw } from '../plan/flaw.js'
import type { Endpoint } from '../plan/item.js'
import { absenceOf, type Absence } from '../registry/absence.js'
import { attempt } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { describe, WireError } from '../registry/errors.js'
import type { Tools } from '../survey/tools.js'
import { readingFor, type CheckOptions } from './check-options.js'

/** The registry's response for a digest or tag that never existed, or why it is unknown. */
export type Never =
  { readonly is: 'absent'; readonly how: Absence } | { readonly is: 'unclear'; readonly flaw: ControlFlaw }

/**
 * The negative control: requests a random digest, which never existed, on one endpoint. A 404 for a purged digest comes
 * from the registry itself if it is the same as this response.
 *
 * @throws Stopped
 */
export function neverDigest(tools: Tools, options: CheckOptions, endpoint: Endpoint): Promise<Never> {
  return request(tools, options, endpoint, `sha256:${tools.random.hex(32)}` as Digest)
}

/** Requests a random tag instead, since some registries return a different 404 for tags. @throws Stopped */
export function neverTag(tools: Tools, options: CheckOptions): Promise<Never> {
  const tag = `registry-purge-never-${tools.random.hex(16)}` as Tag
  return request(tools, options, 'manifests', tag)
}

async function request(
  { client }: Tools,
  options: CheckOptions,
  endpoint: Endpoint,
  name: Digest | Tag,
): Promise<Never> {
  const { repository } = options
  const reading = readingFor(options, 'control')
  const response = await attempt(
    endpoint === 'manifests'
      ? client.manifest(repository, name, reading)
      : client.blob(repository, name as Digest, reading),
  )
  if (response instanceof WireError)
    return { is: 'unclear', flaw: { kind: 'comparison-unanswered', endpoint, failure: response.message } }
  const how = absenceOf(response)
  const cache = cacheOf(response)
  if (how !== undefined && cache === undefined) return { is: 'absent', how }
  const flaw: ControlFlaw = {
    kind: 'comparison-refused',
    endpoint,
    answered: describe(response),
    ...(cache !== undefined && { cache }),
  }
  return { is: 'unclear', flaw }
}
