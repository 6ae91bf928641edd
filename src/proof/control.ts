import { matches, type Digest } from '../oci/digest.js'
import { attempt } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { describe, isGone, WireError } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import { isAbsentRepository, tagsOnPage } from '../survey/tags.js'
import { readingFor, type Asking } from './asking.js'

/** Something that must be there: while it answers, a 404 beside it means that the other thing is gone. */
export type Control =
  | { readonly kind: 'manifest' | 'blob'; readonly digest: Digest }
  /** If nothing can be asked for: the tag list and the registry's base. */
  | {
      readonly kind: 'repository'
      /** No tag remains, so an object store may have forgotten the repository. */
      readonly empty: boolean
    }

/** A control that is not there may itself have been broken before: this many are tried in a round. */
const CONTROLS = 3

/**
 * The positive control: asks for something that must be there, with the same credentials.
 *
 * @param controls candidates, the preferred one first
 * @param absent takes in the candidates that were not there
 * @returns why the control failed, or undefined
 * @throws Stopped
 */
export async function askControl(
  asking: Asking,
  controls: readonly Control[],
  absent: Digest[],
): Promise<string | undefined> {
  let failure = 'there was nothing to ask for'
  const tried = { manifest: 0, blob: 0, repository: 0 }
  for (const candidate of controls) {
    if (++tried[candidate.kind] > CONTROLS) continue
    if (candidate.kind === 'repository') return askRepository(asking, candidate.empty)
    const what = `${candidate.kind} ${candidate.digest}`
    const response = await pastCache(asking, (how) => askFor(how, candidate.kind, candidate.digest))
    if (response instanceof WireError) return `the control was not answered: ${response.message}`
    // Behind a redirect it is the storage's cache: the registry itself has answered.
    const cache = response.redirected ? undefined : cacheOf(response)
    if (cache !== undefined) {
      failure = `the control, ${what}, comes out of a cache in front of the registry (${cache}), so it does not show that the registry answers`
      continue
    }
    if (response.status === 200 && !response.cut) {
      if (response.body.length === 0 || matches(candidate.digest, response.body)) return undefined
      return `the control, ${what}, came with other bytes`
    }
    failure = `the control, ${what}, which must be there, was answered with ${describe(response)}`
    if (!isGone(response)) return failure
    absent.push(candidate.digest)
    if (absent.length === CONTROLS) return failure
  }
  return failure
}

/**
 * Where nothing remains: the registry takes the credentials at its base, and the tag list is a list. An object store has
 * no empty folders, so there the list of a repository whose last tag is gone is unknown.
 */
async function askRepository(asking: Asking, empty: boolean): Promise<string | undefined> {
  const { client, repository } = asking
  const list = await pastCache(asking, (how) =>
    client.tagPage(repository, undefined, readingFor(how, 'control')),
  )
  if (list instanceof WireError) return `the control was not answered: ${list.message}`
  const cache = cacheOf(list)
  if (cache !== undefined) return `the control, the tag list, comes out of a cache (${cache})`
  if (!(empty && isAbsentRepository(list))) {
    if (list.status !== 200 || list.cut)
      return `the control, the tag list, was answered with ${describe(list)}`
    if (tagsOnPage(list.body) === undefined) return 'the control, the tag list, is no tag list'
  }
  const base = await pastCache(asking, (how) => client.base(readingFor(how, 'control')))
  if (base instanceof WireError) return `the control was not answered: ${base.message}`
  return base.status === 200 ? undefined : `the control, /v2/, was answered with ${describe(base)}`
}

/** Asks once more with a query that no cache knows if the response comes out of one. */
async function pastCache(
  asking: Asking,
  ask: (how: Asking) => Promise<Response>,
): Promise<Response | WireError> {
  const response = await attempt(ask(asking))
  if (response instanceof WireError || cacheOf(response) === undefined) return response
  return attempt(ask({ ...asking, cacheBuster: asking.random.hex(8) }))
}

function askFor(asking: Asking, kind: 'manifest' | 'blob', digest: Digest): Promise<Response> {
  const { client, repository } = asking
  const reading = readingFor(asking, 'control')
  return kind === 'manifest'
    ? client.manifest(repository, digest, reading)
    : client.blob(repository, digest, reading)
}
