import { matches, type Digest } from '../oci/digest.js'
import { hashedBytes, type Descriptor } from '../oci/manifest.js'
import type { Repository } from '../oci/reference.js'
import { labelsOf } from '../plan/holders.js'
import type { RepositoryPlan } from '../plan/plan.js'
import type { RemainingTag, RemainingVerdict } from '../plan/standing.js'
import type { Client, Reading } from '../registry/client.js'
import { describe, isGone, WireError } from '../registry/errors.js'
import { counted, type Progress } from '../registry/progress.js'
import type { Response } from '../registry/send.js'
import type { Facts } from '../survey/facts.js'

/** The end look at everything that was to stay. */
export interface Intact {
  readonly remaining: readonly RemainingTag[]
  /** Why this is no proof that what should have stayed is whole. Empty where it is one. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** What this run had to do with. */
export interface Named {
  /** Every digest that a DELETE of this run named. */
  readonly touched: ReadonlySet<Digest>
  /** Manifests of this run that hold nothing: a purged tag on one was moved by nobody else. */
  readonly placeholders: ReadonlySet<Digest>
  /** Every digest of the purged images, in whatever repository: never asked for with HEAD. */
  readonly sensitive: ReadonlySet<Digest>
}

/** How a blob is checked. */
interface BlobCheck {
  readonly blob: Descriptor
  /** A tag that `protected-tags` names plainly needs it: its bytes must arrive. */
  readonly bytes: boolean
}

/** How one piece of content stands. */
type Piece =
  | { readonly is: 'there' }
  | { readonly is: 'unclear'; readonly detail: string }
  /** `gone`: the registry says 404 or 410, and does not merely fail to send it. */
  | { readonly is: 'missing'; readonly detail: string; readonly gone: boolean }

/**
 * Checks every remaining tag down to its last blob. Manifests are fetched and hashed. Blobs of the purged image, and
 * those of tags that `protected-tags` names plainly, are fetched by plain GET. The others, which no write of this run
 * names, are checked by HEAD (safety rule 8). A cached descriptor answers HEAD for bytes that are gone, so for the plainly
 * named tags the first bytes of each blob must arrive.
 *
 * What is missing and was named by no DELETE of this run was broken before, so remaining blobs need no reading before.
 *
 * @param plan what was planned
 * @param facts every tag as it is now, read after the last DELETE
 * @throws Stopped
 */
export async function intact(
  client: Client,
  plan: RepositoryPlan,
  facts: Facts,
  { touched, sensitive, placeholders }: Named,
  { width, progress }: { readonly width: number; readonly progress: Progress },
): Promise<Intact> {
  const needs = new Map<Digest, Needs>()
  const roots = new Set(
    [...facts.tags.values()].flatMap((state) => (state.is === 'resolved' ? [state.digest] : [])),
  )
  const labelLost = new Set(labelsOf(plan.tags).map(({ digest }) => digest))
  // What no tag points at any more was not read in the last look.
  const manifests = new Set([...labelLost].filter((digest) => !roots.has(digest)))
  for (const digest of labelLost) roots.add(digest)
  const plain = plainlyNamed(plan, facts)
  const blobs = new Map<Digest, BlobCheck>()
  for (const root of roots) {
    const below = needsOf(root, facts)
    needs.set(root, below)
    for (const digest of below.manifests) if (!roots.has(digest)) manifests.add(digest)
    for (const [digest, blob] of below.blobs) {
      const bytes = plain.has(root) || blobs.get(digest)?.bytes === true
      blobs.set(digest, { blob, bytes })
    }
  }
  const pieces = new Map<Digest, Piece>()
  await counted(progress, 'manifests checked', [...manifests], width, async (digest) => {
    pieces.set(digest, await manifestPiece(client, plan.repository, digest))
  })
  await counted(progress, 'blobs checked', [...blobs], width, async ([digest, check]) => {
    pieces.set(digest, await blobPiece(client, plan.repository, check, sensitive.has(digest)))
  })
  const problems: string[] = []
  const asked = [...blobs.values()].filter(({ blob }) => !blob.foreign)
  if (asked.length > 0 && !asked.some(({ blob }) => pieces.get(blob.digest)?.is === 'there'))
    problems.push(
      `not one blob of the remaining tags of ${plan.repository} answers, so the registry no longer answers for what it must have, and its 404s prove nothing`,
    )
  for (const digest of labelLost) {
    const lacking = lacks(needs.get(digest), pieces)
    if (lacking.length > 0)
      problems.push(
        `${plan.repository}@${digest}, of which only the label was to go, does not pull any more: ${lacking.map((each) => detailOf(pieces, each)).join(', ')}. Push it again under any tag if it has to stay`,
      )
  }
  return judge(plan, facts, { touched, placeholders }, needs, pieces, problems)
}

/** The manifests that tags point to now which `protected-tags` names plainly. */
function plainlyNamed(plan: RepositoryPlan, facts: Facts): ReadonlySet<Digest> {
  const tags = plan.remaining.filter((each) => each.namedPlainly === true)
  return new Set(
    tags.flatMap(({ tag }) => {
      const state = facts.tags.get(tag)
      return state?.is === 'resolved' ? [state.digest] : []
    }),
  )
}

/** What of something did not answer as it must. */
function lacks(needs: Needs | undefined, pieces: ReadonlyMap<Digest, Piece>): Digest[] {
  if (needs === undefined) return []
  return [...needs.manifests, ...needs.blobs.keys()].filter(
    (digest) => (pieces.get(digest)?.is ?? 'there') !== 'there',
  )
}

interface Needs {
  readonly manifests: ReadonlySet<Digest>
  readonly blobs: ReadonlyMap<Digest, Descriptor>
}

/** What a pull of this manifest fetches. Digests that are merely written in an unknown kind are not fetched by one. */
function needsOf(root: Digest, facts: Facts): Needs {
  const manifests = new Set<Digest>([root])
  const blobs = new Map<Digest, Descriptor>()
  for (const digest of manifests) {
    const manifest = facts.manifests.get(digest)
    for (const child of manifest?.children ?? []) manifests.add(child.digest)
    for (const blob of manifest?.blobs ?? []) blobs.set(blob.digest, blob)
  }
  return { manifests, blobs }
}

function judge(
  plan: RepositoryPlan,
  facts: Facts,
  { touched, placeholders }: Pick<Named, 'touched' | 'placeholders'>,
  needs: ReadonlyMap<Digest, Needs>,
  pieces: ReadonlyMap<Digest, Piece>,
  problems: string[],
): Intact {
  const remaining: RemainingTag[] = []
  const warnings: string[] = []
  const purged = new Map(plan.tags.map(({ tag, digest }) => [tag, digest]))
  const before = new Map(plan.remaining.map((each) => [each.tag, each]))
  for (const tag of [...new Set([...before.keys(), ...facts.tags.keys()])].sort()) {
    const known = before.get(tag)
    const state = facts.tags.get(tag)
    const isNamed = purged.has(tag)
    if (isNamed && (state?.is !== 'resolved' || state.digest === purged.get(tag))) continue
    if (isNamed && state?.is === 'resolved' && placeholders.has(state.digest)) continue
    if (known === undefined && (state === undefined || state.is === 'unknown')) continue
    const name = `${plan.repository}:${tag}`
    const end = (verdict: RemainingVerdict, detail?: string): void => {
      const digest = state?.is === 'resolved' ? state.digest : known?.digest
      remaining.push({
        tag,
        verdict,
        protected: known?.protected ?? false,
        ...(digest !== undefined && { digest }),
        ...(detail !== undefined && { detail }),
      })
      if (verdict === 'broken' || verdict === 'removed')
        problems.push(`${name}, which should have stayed, ${detail}`)
      else if (verdict === 'broken-before' && known?.protected === true)
        problems.push(`${name} is in protected-tags and does not pull: it ${detail}`)
      else if (verdict !== 'intact') warnings.push(`${name} ${detail}`)
    }
    if (state === undefined || state.is === 'unknown') {
      if (known?.digest === undefined)
        end('broken-before', 'dangled before this run: its manifest is unknown')
      else end('removed', 'is gone now')
    } else if (state.is === 'unreadable' && plan.ignored.has(tag))
      end('broken-before', `could not be read before this run, and cannot be read now: ${state.why}`)
    else if (state.is !== 'resolved') end('broken', `could not be read at the end: ${state.why}`)
    else {
      const bad = lacks(needs.get(state.digest), pieces)
      const same = known?.digest === state.digest
      const ours = bad.find((digest) => touched.has(digest))
      const unclear = bad.find((digest) => pieces.get(digest)?.is === 'unclear' && !plan.ignored.has(digest))
      if (bad.length === 0 && (same || (known === undefined && !isNamed))) end('intact')
      else if (bad.length === 0)
        end('moved', `was moved to ${state.digest} by somebody else, which pulls completely`)
      else if (ours !== undefined) end('broken', `lacks ${ours}, which this run deleted`)
      else if (unclear !== undefined) end('broken', `could not be checked: ${detailOf(pieces, unclear)}`)
      else if (same && bad.some((digest) => facts.manifests.has(digest)))
        end(
          'broken',
          `lacks ${bad.join(', ')}: what this run read when it began is missing now, though no DELETE of it was for that`,
        )
      else if (same)
        end('broken-before', `lacks ${bad.join(', ')}, which this run never named: it was broken before`)
      else end('broken', `was pushed during this run and lacks ${bad.join(', ')}`)
    }
  }
  return { remaining, problems, warnings }
}

function detailOf(pieces: ReadonlyMap<Digest, Piece>, digest: Digest): string {
  const piece = pieces.get(digest)
  return piece === undefined || piece.is === 'there' ? digest : `${digest} ${piece.detail}`
}

async function manifestPiece(client: Client, repository: Repository, digest: Digest): Promise<Piece> {
  return twice(
    (fresh) => client.manifest(repository, digest, { purpose: 'read-manifest', fresh }),
    (response) =>
      matches(digest, hashedBytes(response.body) ?? response.body) ? undefined : 'came with other bytes',
  )
}

async function blobPiece(
  client: Client,
  repository: Repository,
  { blob, bytes }: BlobCheck,
  sensitive: boolean,
): Promise<Piece> {
  const { digest, size, foreign } = blob
  const reading = (fresh: boolean): Reading => ({ purpose: 'check-blob', fresh })
  const flaw = (response: Response): string | undefined => {
    const length = response.headers.get('content-length')
    if (size !== undefined && length !== undefined && Number(length) !== size)
      return `has ${length} bytes, not ${size}`
    return undefined
  }
  const flawOfBytes = (response: Response): string | undefined => {
    if (response.ended === true || matches(digest, response.body)) return flaw(response)
    return response.body.length === 0 ? WITHOUT_CONTENT : 'came with other bytes'
  }
  const get = (): Promise<Piece> =>
    twice((fresh) => client.blob(repository, digest, { ...reading(fresh), firstBytes: bytes }), flawOfBytes)
  let piece: Piece
  if (sensitive || bytes) piece = await get()
  else {
    piece = await twice((fresh) => client.blobHead(repository, digest, reading(fresh)), flaw)
    // Some storage behind a redirect takes a GET only, and some registries tell no length here.
    if (piece.is !== 'there') piece = await get()
  }
  return foreign && piece.is === 'missing' && piece.gone ? { is: 'there' } : piece
}

/** A cached descriptor of content that is gone looks like this. */
const WITHOUT_CONTENT = 'came as headers without content'

/** Asks again on a connection of its own before it believes that something is not there. */
async function twice(
  ask: (fresh: boolean) => Promise<Response>,
  flaw: (response: Response) => string | undefined,
): Promise<Piece> {
  let piece: Piece = { is: 'there' }
  for (const fresh of [false, true]) {
    try {
      const response = await ask(fresh)
      if (response.status === 200) {
        const cut = response.body.length === 0 ? WITHOUT_CONTENT : 'was cut off'
        const wrong = response.cut ? cut : flaw(response)
        if (wrong === undefined) return { is: 'there' }
        piece = { is: 'missing', detail: wrong, gone: false }
      } else if (isGone(response))
        piece = { is: 'missing', detail: `is answered with ${describe(response)}`, gone: true }
      else return { is: 'unclear', detail: `is answered with ${describe(response)}` }
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return { is: 'unclear', detail: error.message }
    }
  }
  return piece
}
