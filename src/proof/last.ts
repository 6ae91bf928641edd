import type { Digest } from '../oci/digest.js'
import { absenceOf, sameAbsence, type Absence } from '../registry/absence.js'
import { attempt, outcomeOf } from '../registry/attempt.js'
import { cacheOf } from '../registry/cached.js'
import { WireError } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import type { Response } from '../registry/send.js'
import { readingFor, type Asking } from './asking.js'

/** A purged blob that answered one of the last questions. */
export interface Answered {
  readonly digest: Digest
  /** The response, in words. */
  readonly how: string
  /** No response that tells anything came, though it was asked for several times. */
  readonly unclear: boolean
}

/** A front that takes no ranges serves nothing by them. */
const NO_RANGES: ReadonlySet<number> = new Set([400, 405, 406, 501])
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504])
/** How often a question is asked that gets no telling response. */
const TRIES = 3

/**
 * Asks once for purged blobs on `/manifests/`, where a registry may serve the same digest. Only a 200 counts: 2.8
 * answers 500 to the digest of a layer there. Nothing is ever deleted there by such a digest (safety rule 8).
 *
 * @param blobs those whose media type is no known layer's or config's
 * @throws Stopped
 */
export async function askAsManifests(asking: Asking, blobs: readonly Digest[]): Promise<Answered[]> {
  const reading = { ...readingFor(asking, 'last-check'), once: true }
  return ask(asking, blobs, (digest) => asking.client.manifest(asking.repository, digest, reading), {
    answers: ({ status }) => status === 200,
    tells: ({ status }) => !PASSING.has(status),
  })
}

/**
 * Asks for the first byte of each purged blob. zot with `dedupe` answers it from another repository although a plain GET
 * is 404, and serves the blob from then on.
 *
 * @param never how the registry says on `/blobs/` that something is not there which never existed
 * @throws Stopped
 */
export async function askByRange(
  asking: Asking,
  blobs: readonly Digest[],
  never: Absence | undefined,
): Promise<Answered[]> {
  const { client, repository, random } = asking
  const reading = readingFor(asking, 'last-check')
  let other: Promise<Absence | undefined> | undefined
  /** Some have other words for a range than for the whole. */
  const neverByRange = async (): Promise<Absence | undefined> => {
    const digest = `sha256:${random.hex(32)}` as Digest
    const response = await attempt(client.blobByRange(repository, digest, reading))
    return response instanceof WireError ? undefined : absenceOf(response)
  }
  let cached = false
  const send = (digest: Digest): Promise<Response> =>
    client.blobByRange(repository, digest, cached ? { ...reading, cacheBuster: random.hex(8) } : reading)
  return ask(asking, blobs, send, {
    answers: ({ status, redirected }) => redirected || status < 400 || status === 416,
    tells: async (response) => {
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

interface Judging {
  /** The registry still has it. */
  readonly answers: (response: Response) => boolean
  /** Otherwise: the response says that it does not. */
  readonly tells: (response: Response) => boolean | Promise<boolean>
}

async function ask(
  asking: Asking,
  blobs: readonly Digest[],
  send: (digest: Digest) => Promise<Response>,
  { answers, tells }: Judging,
): Promise<Answered[]> {
  const found: Answered[] = []
  await each(blobs, asking.width, async (digest) => {
    let how = ''
    for (let tries = 0; tries < TRIES; tries++) {
      const response = await attempt(send(digest))
      how = outcomeOf(response)
      if (response instanceof WireError) continue
      if (answers(response)) return void found.push({ digest, how, unclear: false })
      if (await tells(response)) return
    }
    found.push({ digest, how, unclear: true })
  })
  return found.sort((one, other) => (one.digest < other.digest ? -1 : 1))
}
