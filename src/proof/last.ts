import type { Digest } from '../oci/digest.js'
import { absenceOf, sameAbsence, type Absence } from '../registry/absence.js'
import { attempt, outcomeOf } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { WireError } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import type { Response } from '../registry/send.js'
import type { Tools } from '../survey/tools.js'
import { readingFor, type CheckOptions } from './check-options.js'

/** A purged blob that a final check does not prove gone. */
export interface Answered {
  readonly digest: Digest
  /** `unclear`: it was requested several times, and no response says anything. */
  readonly is: 'served' | 'unclear'
  /** The last response, in one bounded line. */
  readonly answered: string
}

/** A front that takes no ranges serves nothing by them. */
const NO_RANGES: ReadonlySet<number> = new Set([400, 405, 406, 501])
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504])
/** How often a final check is sent as long as its responses say nothing. */
const TRIES = 3

/**
 * Requests purged blobs once on `/manifests/`, where a registry may serve the same digest. Only a 200 counts: Distribution
 * 2.8 returns 500 for the digest of a layer there. Nothing is ever deleted there by such a digest (safety rule 8).
 *
 * @param blobs those whose media type is no known layer's or config's
 * @throws Stopped
 */
export async function checkAsManifests(
  tools: Tools,
  options: CheckOptions,
  blobs: readonly Digest[],
): Promise<Answered[]> {
  const reading = { ...readingFor(options, 'last-check'), once: true }
  return checkAll(tools, blobs, {
    send: (digest) => tools.client.manifest(options.repository, digest, reading),
    isServed: ({ status }) => status === 200,
    isAbsent: ({ status }) => !PASSING.has(status),
  })
}

/**
 * Requests the first byte of each purged blob. zot with `dedupe` serves it from another repository although a plain GET
 * is 404, and serves the blob from then on.
 *
 * @param never how the registry says on `/blobs/` that something is not there which never existed
 * @throws Stopped
 */
export async function checkByRange(
  tools: Tools,
  options: CheckOptions,
  blobs: readonly Digest[],
  never: Absence | undefined,
): Promise<Answered[]> {
  const { client, random } = tools
  const { repository } = options
  const reading = readingFor(options, 'last-check')
  let other: Promise<Absence | undefined> | undefined
  /** Some registries use another 404 for a range than for the whole. */
  const neverByRange = async (): Promise<Absence | undefined> => {
    const digest = `sha256:${random.hex(32)}` as Digest
    const response = await attempt(client.blobByRange(repository, digest, reading))
    return response instanceof WireError ? undefined : absenceOf(response)
  }
  let cached = false
  return checkAll(tools, blobs, {
    send: (digest) =>
      client.blobByRange(repository, digest, cached ? { ...reading, cacheBuster: random.hex(8) } : reading),
    isServed: ({ status, redirected }) => redirected || status < 400 || status === 416,
    isAbsent: async (response) => {
      if (NO_RANGES.has(response.status)) return true
      const how = absenceOf(response)
      if (how === undefined) return false
      if (cacheOf(response) !== undefined) {
        cached = true
        return false
      }
      if (never !== undefined && sameAbsence(how, never)) return true
      const its = await (other ??= neverByRange())
      return its !== undefined && sameAbsence(how, its)
    },
  })
}

/** One kind of final check. */
interface FinalCheck {
  readonly send: (digest: Digest) => Promise<Response>
  /** The registry still has it. */
  readonly isServed: (response: Response) => boolean
  /** Otherwise: the response says that the registry does not have it. */
  readonly isAbsent: (response: Response) => boolean | Promise<boolean>
}

async function checkAll(
  { width }: Tools,
  blobs: readonly Digest[],
  { send, isServed, isAbsent }: FinalCheck,
): Promise<Answered[]> {
  const found: Answered[] = []
  await each(blobs, width, async (digest) => {
    let answered = ''
    for (let tries = 0; tries < TRIES; tries++) {
      const response = await attempt(send(digest))
      answered = outcomeOf(response)
      if (response instanceof WireError) continue
      if (isServed(response)) return void found.push({ digest, is: 'served', answered })
      if (await isAbsent(response)) return
    }
    found.push({ digest, is: 'unclear', answered })
  })
  return found.sort((one, other) => (one.digest < other.digest ? -1 : 1))
}
