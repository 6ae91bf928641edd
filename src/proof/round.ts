import { matches, type Digest } from '../oci/digest.js'
import type { Repository } from '../oci/reference.js'
import type { Endpoint, Item } from '../plan/item.js'
import type { Client, Reading } from '../registry/client.js'
import { describe, isGone, Stopped, WireError } from '../registry/errors.js'
import { counted, type Progress } from '../registry/progress.js'
import type { Response } from '../registry/send.js'
import { shuffled, type Random } from '../registry/time.js'
import { tagsOnPage } from '../survey/tags.js'

/** What one look at one item came to. Only `gone` proves anything. */
export type Finding =
  | { readonly is: 'gone' }
  | { readonly is: 'present'; readonly endpoint: Endpoint; readonly detail: string }
  | { readonly is: 'inconclusive'; readonly detail: string }

/** Something that must be there: while it answers, a 404 beside it means that the other thing is gone. */
export type Control =
  | { readonly kind: 'manifest' | 'blob'; readonly digest: Digest }
  /** Where nothing remains. */
  | { readonly kind: 'tag list' }

/** What one round of looks came to. */
export interface Round {
  readonly findings: ReadonlyMap<Item['name'], Finding>
  /** Undefined when the control answered as it must. */
  readonly controlFailed?: string
  /** For each look that was answered only after failures what these were: a replica that fails was not asked. */
  readonly lost: readonly (readonly string[])[]
  /** Controls that are not there, so they were broken before, or the registry answers for nothing any more. */
  readonly controlsAbsent: readonly Digest[]
}

/** What a round works with. */
export interface Asking {
  readonly client: Client
  readonly repository: Repository
  readonly random: Random
  readonly width: number
  /** Milliseconds that one look may take. */
  readonly timeout: number
  /** Milliseconds since the epoch after which nothing is asked again. */
  readonly until?: number
  readonly progress: Progress
}

/** A control that is not there may itself have been broken before: so many are tried in a round. */
const CONTROLS = 3
/** Characters of a header that are told. */
const EXCERPT = 60

/**
 * Asks for each item, as a stranger would: a connection of its own for every look, in random order, with a positive
 * control among them. A manifest is asked for on both endpoints. What proves nothing either way (429, 5xx, a reset) is
 * asked again a few times, each time on another connection: without that a registry that loses some answers could not
 * be proven clean at all.
 *
 * @param controls candidates, the preferred one first
 * @throws Stopped
 */
export async function askRound(
  asking: Asking,
  items: readonly Item[],
  controls: readonly Control[],
): Promise<Round> {
  const looks: (() => Promise<void>)[] = []
  const findings = new Map<Item['name'], Finding>()
  let controlFailed: string | undefined
  const controlsAbsent: Digest[] = []
  const lost: (readonly string[])[] = []
  for (const item of items) {
    const endpoints: Endpoint[] =
      item.kind === 'blob' ? ['blobs'] : item.kind === 'tag' ? ['manifests'] : ['manifests', 'blobs']
    for (const endpoint of endpoints)
      looks.push(async () => {
        const finding = await look(asking, item, endpoint, lost)
        findings.set(item.name, worse(findings.get(item.name), finding))
      })
  }
  looks.push(async () => {
    controlFailed = await control(asking, controls, controlsAbsent)
  })
  await counted(asking.progress, 'looks made', shuffled(looks, asking.random), asking.width, (run) => run())
  return { findings, lost, controlsAbsent, ...(controlFailed !== undefined && { controlFailed }) }
}

function within({ until }: Asking): { until?: number } {
  return until === undefined ? {} : { until }
}

async function look(
  asking: Asking,
  item: Item,
  endpoint: Endpoint,
  lost: (readonly string[])[],
): Promise<Finding> {
  const { client, repository, timeout } = asking
  const reading: Reading = { purpose: 'verify', fresh: true, look: true, timeout, ...within(asking) }
  const response = await answer(
    item.kind === 'tag' || endpoint === 'manifests'
      ? client.manifest(repository, item.name, reading)
      : client.blob(repository, item.name, reading),
  )
  if (typeof response === 'string') return { is: 'inconclusive', detail: response }
  if (response.lost !== undefined) lost.push(response.lost)
  if (isGone(response) && !response.redirected) return { is: 'gone' }
  if (isGone(response))
    return {
      is: 'present',
      endpoint,
      detail: 'the registry still knows it, although its storage has no such content',
    }
  if (response.status < 200 || response.status > 299)
    return { is: 'inconclusive', detail: describe(response) }
  return { is: 'present', endpoint, detail: `${response.status}${oddities(response)}` }
}

/** What hints at why something still answers, and so at what the operator can do. */
function oddities(response: Response): string {
  const cache = ['age', 'x-cache', 'x-cache-status', 'cf-cache-status', 'via']
    .filter((name) => response.headers.has(name))
    .map((name) => `${name}: ${excerpt(response.headers.get(name) ?? '')}`)
  const stale = response.cut ? ', headers without content (a stale entry in a cache of the registry)' : ''
  return cache.length === 0
    ? stale
    : `${stale}, from a cache in front of the registry (${cache.join(', ')}): purge it`
}

/** The … says that it was cut, and so where a secret may be cut as well. */
function excerpt(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text
}

function worse(one: Finding | undefined, other: Finding): Finding {
  if (one === undefined || one.is === 'gone') return other
  if (other.is === 'gone' || one.is === 'present') {
    // Where both endpoints answer, the manifest goes first: a blob entry may only mirror it.
    return other.is === 'present' && other.endpoint === 'manifests' ? other : one
  }
  return other
}

/** @returns why the control failed, or undefined */
async function control(
  asking: Asking,
  controls: readonly Control[],
  absent: Digest[],
): Promise<string | undefined> {
  const reading: Reading = {
    purpose: 'control',
    fresh: true,
    look: true,
    timeout: asking.timeout,
    ...within(asking),
  }
  let failure = 'there was nothing to ask for'
  for (const candidate of controls.slice(0, CONTROLS)) {
    const response = await answer(askFor(asking, candidate, reading))
    if (typeof response === 'string') return `the control was not answered: ${response}`
    const what = candidate.kind === 'tag list' ? 'the tag list' : `${candidate.kind} ${candidate.digest}`
    if (response.status === 200 && !response.cut) {
      if (candidate.kind === 'tag list')
        return tagsOnPage(response.body) === undefined ? `the control, ${what}, is no tag list` : undefined
      if (response.body.length === 0 || matches(candidate.digest, response.body)) return undefined
      return `the control, ${what}, came with other bytes`
    }
    failure = `the control, ${what}, which must be there, was answered with ${describe(response)}`
    if (!isGone(response)) return failure
    if (candidate.kind !== 'tag list') absent.push(candidate.digest)
  }
  return failure
}

function askFor({ client, repository }: Asking, candidate: Control, reading: Reading): Promise<Response> {
  if (candidate.kind === 'manifest') return client.manifest(repository, candidate.digest, reading)
  if (candidate.kind === 'blob') return client.blob(repository, candidate.digest, reading)
  return client.tagPage(repository, undefined, reading)
}

async function answer(asked: Promise<Response>): Promise<Response | string> {
  try {
    return await asked
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    if (error.failure === 'cancelled') throw new Stopped()
    return error.message
  }
}
