import { EMPTY_BLOBS, matches, type Digest } from '../oci/digest.js'
import { parseInstant } from '../oci/instant.js'
import type { Manifest } from '../oci/manifest.js'
import type { Repository } from '../oci/reference.js'
import type { Client } from '../registry/client.js'
import { describe, WireError } from '../registry/errors.js'
import { counted, type Progress } from '../registry/progress.js'
import type { Created, Facts } from './facts.js'

/** What the config of one image says of its date. */
type Stated =
  | { readonly is: 'known'; readonly at: number }
  /** It says nothing: an attestation, or an artifact that is no image. */
  | { readonly is: 'silent' }
  | { readonly is: 'unreadable'; readonly why: string }

/** What is asked for the dates of images. */
interface Asking {
  readonly client: Client
  readonly repository: Repository
  /** Requests at a time. */
  readonly width: number
  readonly progress: Progress
}

/**
 * Finds out when images were created: the `created` of their config (image-spec, "Image Configuration"); for an index
 * that of its newest image. Each config is read once, however many images share it, and hashed.
 *
 * @param roots manifests of tags
 * @param facts with everything below them
 * @returns for each root its date as it stands there, or why there is none. Whether a date can be true is for others to
 *   judge
 * @throws WireError only when the run is to stop
 */
export async function readCreated(
  roots: ReadonlySet<Digest>,
  facts: Facts,
  { client, repository, width, progress }: Asking,
): Promise<Map<Digest, Created>> {
  const images = new Map<Digest, readonly (Manifest | Digest)[]>()
  const configs = new Set<Digest>()
  for (const root of roots) {
    const below = imagesOf(root, facts)
    images.set(root, below)
    for (const image of below) {
      const config = typeof image === 'string' ? undefined : image.config?.digest
      if (config !== undefined && !EMPTY_BLOBS.has(config)) configs.add(config)
    }
  }
  const stated = new Map<Digest, Stated>()
  await counted(progress, 'configs read', [...configs], width, async (config) => {
    stated.set(config, await statedIn(client, repository, config))
  })
  const of = (image: Manifest | Digest): Stated => {
    if (typeof image === 'string') return { is: 'unreadable', why: `${image} could not be read` }
    if (image.kind !== 'image')
      return image.kind === 'artifact'
        ? { is: 'silent' }
        : { is: 'unreadable', why: `${image.digest} is of a kind that has no date` }
    return stated.get(image.config?.digest ?? image.digest) ?? { is: 'silent' }
  }
  return new Map([...images].map(([root, below]) => [root, newest(below.map(of))]))
}

/** The images of an index at any depth, or the manifest itself; a digest stands for one that was not read. */
function imagesOf(root: Digest, { manifests }: Facts): (Manifest | Digest)[] {
  const images: (Manifest | Digest)[] = []
  const below = new Set([root])
  // A Set hands out entries that are added while it is walked.
  for (const digest of below) {
    const manifest = manifests.get(digest)
    if (manifest?.kind === 'index') for (const child of manifest.children) below.add(child.digest)
    else images.push(manifest ?? digest)
  }
  return images
}

/** An image without a date is passed over, as long as another one has one; a doubt about one is a doubt about all. */
function newest(all: readonly Stated[]): Created {
  let at: number | undefined
  for (const each of all) {
    if (each.is === 'unreadable') return { is: 'unknown', why: each.why }
    if (each.is === 'known') at = Math.max(at ?? each.at, each.at)
  }
  return at === undefined ? { is: 'unknown', why: 'its config has no `created`' } : { is: 'known', at }
}

async function statedIn(client: Client, repository: Repository, config: Digest): Promise<Stated> {
  const what = `the config ${config}`
  try {
    const response = await client.config(repository, config)
    if (response.status !== 200)
      return { is: 'unreadable', why: `${what} was answered with ${describe(response)}` }
    if (response.cut || !matches(config, response.body))
      return { is: 'unreadable', why: `${what} came with other bytes than its digest says` }
    return dateIn(response.body) ?? { is: 'unreadable', why: `${what} has no date that can be read` }
  } catch (error) {
    if (error instanceof WireError) return { is: 'unreadable', why: error.message }
    throw error
  }
}

function dateIn(body: Uint8Array): Stated | undefined {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  // Go's readers take `Created` for `created`: two readers would see two dates.
  const keys = Object.keys(json).filter((key) => key.toLowerCase() === 'created')
  if (keys.length === 0) return { is: 'silent' }
  const value = (json as { created?: unknown }).created
  if (keys.length > 1 || value === undefined) return undefined
  if (value === null) return { is: 'silent' }
  const at = typeof value === 'string' ? parseInstant(value) : undefined
  return at === undefined ? undefined : { is: 'known', at }
}
