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
export interface Unproven {
  readonly digest: Digest
  /** `unclear`: it was requested several times, and no response was conclusive. */
  readonly is: 'served' | 'unclear'
  /** The last response, in one bounded line. */
  readonly answered: string
}

/** The statuses of a front end that does not support ranged requests, and so serves nothing to them. */
const NO_RANGES: ReadonlySet<number> = new Set([400, 405, 406, 501])
/** The statuses of passing failures. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504])
/** How often to send a final check if no response is conclusive. */
const TRIES = 3

/**
 * Requests purged blobs once on `/manifests/`, where a registry may serve the same digest. Only a 200 means that it is
 * served: distribution 2.8 returns 500 for the digest of a layer there. Nothing is ever deleted on that endpoint by the
 * digest of a blob (safety rule 8).
 *
 * @param blobs the blobs whose media type is not that of a known layer or config
 * @throws Stopped
 */
export async function checkAsManifests(
  tools: Tools,
  options: CheckOptions,
  blobs: readonly Digest[],
): Promise<Unproven[]> {
  const reading = { ...readingFor(options, 'last-check'), once: true }
  return checkAll(tools, blobs, {
    send: (digest) => tools.client.manifest(options.repository, digest, reading),
    isServed: ({ status }) => status === 200,
    isAbsent: ({ status }) => !PASSING.has(status),
  })
}

/**
 * Requests the first byte of each purged blob. zot with `dedupe` serves it from another repository although a plain GET
 * returns 404. From then on it serves the blob to a plain GET as well.
 *
 * @param never the response on `/blobs/` for a digest that never existed
 * @throws Stopped
 */
export async function checkByRange(
  tools: Tools,
  options: CheckOptions,
  blobs: readonly Digest[],
  never: Absence | undefined,
): Promise<Unproven[]> {
  const { client, random } = tools
  const { repository } = options
  const reading = readingFor(options, 'last-check')
  let other: Promise<Absence | undefined> | undefined
  /** Some registries return a different 404 to a ranged request. */
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
      const ranged = await (other ??= neverByRange())
      return ranged !== undefined && sameAbsence(how, ranged)
    },
  })
}

/** One kind of final check. */
interface FinalCheck {
  readonly send: (digest: Digest) => Promise<Response>
  /** Whether the registry still has the blob. */
  readonly isServed: (response: Response) => boolean
  /** If it is not served: whether the response shows that the registry does not have the blob. */
  readonly isAbsent: (response: Response) => boolean | Promise<boolean>
}

async function checkAll(
  { width }: Tools,
  blobs: readonly Digest[],
  { send, isServed, isAbsent }: FinalCheck,
): Promise<Unproven[]> {
  const found: Unproven[] = []
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
