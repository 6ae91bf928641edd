import { matches, type Digest } from '../oci/digest.js'
import type { ControlFlaw, ControlTarget } from '../plan/flaw.js'
import { attempt } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { describe, isGone, WireError } from '../registry/errors.js'
import type { Response } from '../registry/send.js'
import { tagsOnPage } from '../survey/lists/entries.js'
import { isAbsentRepository } from '../survey/lists/tags.js'
import { describeSource } from '../registry/storage-error.js'
import type { Tools } from '../survey/tools.js'
import { readingFor, type CheckOptions } from './check-options.js'

/** Content that must exist. While the registry serves it, a 404 for other content means that this other content is gone. */
export type Control =
  | { readonly kind: 'manifest' | 'blob'; readonly digest: Digest }
  /** The tag list and the base endpoint `/v2/`, if no content can serve as a control. */
  | {
      readonly kind: 'repository'
      /** No tag remains, so a registry on an object store may no longer know the repository. */
      readonly empty: boolean
    }

/** The result of the positive control of a round. */
export interface Controlled {
  /** Why it does not confirm the 404s of its round; undefined if it does. */
  readonly flaw?: ControlFlaw
  /** Candidates that do not exist. */
  readonly absent: readonly Digest[]
}

/** The most candidates of each kind in a round. A candidate that does not exist may have been missing before the run. */
const CONTROLS = 3

/**
 * The positive control: requests content that must exist, with the same credentials.
 *
 * @param controls candidates, the preferred one first
 * @throws Stopped
 */
export async function checkControl(
  tools: Tools,
  options: CheckOptions,
  controls: readonly Control[],
): Promise<Controlled> {
  const absent: Digest[] = []
  let flaw: ControlFlaw = { kind: 'no-control' }
  const tried = { manifest: 0, blob: 0, repository: 0 }
  for (const control of controls) {
    if (++tried[control.kind] > CONTROLS) continue
    if (control.kind === 'repository') {
      const its = await checkRepository(tools, options, control.empty)
      return { absent, ...(its !== undefined && { flaw: its }) }
    }
    const response = await pastCache(tools, options, (how) => request(tools, how, control))
    const its = flawOf(control, response)
    if (its === undefined) return { absent }
    flaw = its
    if (flaw.kind === 'control-cached') continue
    if (response instanceof WireError || flaw.kind !== 'control-refused' || !isGone(response)) break
    absent.push(control.digest)
    if (absent.length === CONTROLS) break
  }
  return { flaw, absent }
}

/** @returns why a response does not show that the registry serves its content */
function flawOf(
  control: Exclude<Control, { kind: 'repository' }>,
  response: Response | WireError,
): ControlFlaw | undefined {
  if (response instanceof WireError) return { kind: 'control-unanswered', failure: response.message }
  // After a redirect it is a cache of the storage: the registry itself did respond.
  const cache = response.redirected ? undefined : cacheOf(response)
  if (cache !== undefined) return { kind: 'control-cached', control, cache }
  if (response.status !== 200 || response.cut)
    return { kind: 'control-refused', control, answered: describeSource(response) }
  const same = response.body.length === 0 || matches(control.digest, response.body)
  return same ? undefined : { kind: 'control-altered', control }
}

const LIST: ControlTarget = { kind: 'tag list' }

/**
 * Checks the registry if no content can be a control: the base endpoint must accept the credentials, and the tag list must
 * be a tag list. An object store has no empty folders, so there a repository without tags is unknown.
 */
async function checkRepository(
  tools: Tools,
  options: CheckOptions,
  empty: boolean,
): Promise<ControlFlaw | undefined> {
  const { client } = tools
  const list = await pastCache(tools, options, (how) =>
    client.tagPage(options.repository, undefined, readingFor(how, 'control')),
  )
  if (list instanceof WireError) return { kind: 'control-unanswered', failure: list.message }
  const cache = cacheOf(list)
  if (cache !== undefined) return { kind: 'control-cached', control: LIST, cache }
  if (!(empty && isAbsentRepository(list))) {
    if (list.status !== 200 || list.cut)
      return { kind: 'control-refused', control: LIST, answered: describe(list) }
    if (tagsOnPage(options.repository, list.body) === undefined) return { kind: 'control-no-list' }
  }
  const base = await pastCache(tools, options, (how) => client.base(readingFor(how, 'control')))
  if (base instanceof WireError) return { kind: 'control-unanswered', failure: base.message }
  if (base.status === 200) return undefined
  return { kind: 'control-refused', control: { kind: '/v2/' }, answered: describe(base) }
}

/** Sends a request. If the response comes out of a cache, sends it again with a query string that no cache has seen. */
async function pastCache(
  { random }: Tools,
  options: CheckOptions,
  send: (how: CheckOptions) => Promise<Response>,
): Promise<Response | WireError> {
  const response = await attempt(send(options))
  if (response instanceof WireError || cacheOf(response) === undefined) return response
  return attempt(send({ ...options, cacheBuster: random.hex(8) }))
}

function request(
  { client }: Tools,
  options: CheckOptions,
  { kind, digest }: Exclude<Control, { kind: 'repository' }>,
): Promise<Response> {
  const reading = readingFor(options, 'control')
  return kind === 'manifest'
    ? client.manifest(options.repository, digest, reading)
    : client.blob(options.repository, digest, reading)
}
