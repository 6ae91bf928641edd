import { EMPTY_BLOBS, matches, type Digest } from '../../oci/digest.js'
import { parseInstant } from '../../oci/instant.js'
import type { Manifest } from '../../oci/manifest.js'
import type { Repository } from '../../oci/reference.js'
import { isForeign } from '../../registry/answers/foreign.js'
import { attempt } from '../../registry/attempt.js'
import type { Client } from '../../registry/client.js'
import { isGone, WireError } from '../../registry/errors.js'
import { counted } from '../../registry/progress.js'
import { describeSource } from '../../registry/storage-error.js'
import type { Created, Facts } from '../facts.js'
import { parseJson } from '../json.js'
import type { UnknownDate, UnreadManifest } from '../problem.js'
import type { Tools } from '../tools.js'

/** The date in the config of one image. */
type Stated =
  | { readonly is: 'known'; readonly at: number }
  /** There is no date: an attestation, or an artifact that is not an image. */
  | { readonly is: 'silent' }
  | { readonly is: 'unreadable'; readonly why: UnknownDate }

/** Give up after this many configs without a response, if none had one. */
const SILENT = 16

/** A manifest that is not an index. `manifest` is undefined if it was not read. */
interface Image {
  readonly digest: Digest
  readonly manifest: Manifest | undefined
  readonly why?: UnreadManifest
}

/**
 * Finds out when images were created. The date is `created` in the config (image-spec, "Image Configuration"). For an
 * index it is the date of its newest image. Reads each config once, even if several images share it, and hashes it.
 *
 * @param roots the manifests that tags point to
 * @param facts has everything below the roots
 * @returns the date of each root as its config states it, or why there is none. The caller judges whether it can be true
 * @throws Stopped
 */
export async function readCreated(
  { client, width, progress }: Pick<Tools, 'client' | 'width' | 'progress'>,
  roots: ReadonlySet<Digest>,
  facts: Facts,
): Promise<Map<Digest, Created>> {
  const images = new Map([...roots].map((root) => [root, imagesOf(root, facts)]))
  const configs = new Set<Digest>()
  for (const { manifest } of [...images.values()].flat()) {
    const config = manifest?.config?.digest
    if (config !== undefined && !EMPTY_BLOBS.has(config)) configs.add(config)
  }
  const stated = new Map<Digest, Stated>()
  const silence = new Silence()
  await counted(progress, 'configs read', [...configs], width, async (config) => {
    const read = silence.lasting ?? (await readStated(client, facts.repository, config))
    silence.add(read)
    stated.set(config, read)
  })
  const of = (image: Image): Stated => statedOf(image, stated)
  return new Map([...images].map(([root, below]) => [root, newest(below.map(of))]))
}

/** Recognizes a storage that never responds. Without it, thousands of configs would each be requested several times. */
class Silence {
  #failures = 0
  #answered = false
  #last: Stated | undefined

  /** The failure of every further read; undefined if a read is worth a try. */
  get lasting(): Stated | undefined {
    return !this.#answered && this.#failures >= SILENT ? this.#last : undefined
  }

  add(read: Stated): void {
    if (read.is === 'unreadable' && read.why.is === 'unanswered') {
      this.#failures++
      this.#last = read
    } else this.#answered = true
  }
}

/** @returns the images of an index at any depth, or the manifest itself */
function imagesOf(root: Digest, { manifests, missing }: Facts): Image[] {
  const images: Image[] = []
  const below = new Set([root])
  // A Set hands out entries that are added while it is walked.
  for (const digest of below) {
    const manifest = manifests.get(digest)
    if (manifest?.kind === 'index') for (const child of manifest.children) below.add(child.digest)
    else {
      const unread = missing.get(digest)
      const why = unread === undefined || unread.is === 'missing' ? {} : { why: unread.why }
      images.push({ digest, manifest, ...(manifest === undefined && why) })
    }
  }
  return images
}

/** @param stated the date in each config that was read */
function statedOf({ digest, manifest, ...more }: Image, stated: ReadonlyMap<Digest, Stated>): Stated {
  if (manifest === undefined) return unreadable({ is: 'unread-manifest', digest, ...more })
  if (manifest.kind === 'artifact') return { is: 'silent' }
  if (manifest.kind !== 'image') return unreadable({ is: 'dateless-kind', digest: manifest.digest })
  return stated.get(manifest.config?.digest ?? manifest.digest) ?? { is: 'silent' }
}

/** Skips images without a date if another one has a date. If one date cannot be read, the newest date is unknown. */
function newest(all: readonly Stated[]): Created {
  let at: number | undefined
  for (const each of all) {
    if (each.is === 'unreadable') return { is: 'unknown', why: each.why }
    if (each.is === 'known') at = Math.max(at ?? each.at, each.at)
  }
  return at === undefined ? { is: 'unknown', why: { is: 'no-date' } } : { is: 'known', at }
}

async function readStated(client: Client, repository: Repository, config: Digest): Promise<Stated> {
  const response = await attempt(client.config(repository, config))
  if (response instanceof WireError) return unreadable({ is: 'unanswered', message: response.message })
  const foreign = isForeign('blob', response)
  if (response.status !== 200 || response.cut || foreign) {
    const is = isGone(response) && !foreign ? 'missing-config' : 'refused'
    return unreadable({ is, config, answered: describeSource(response) })
  }
  if (!matches(config, response.body)) return unreadable({ is: 'other-bytes', config })
  return dateIn(response.body) ?? unreadable({ is: 'malformed', config })
}

function unreadable(why: UnknownDate): Stated {
  return { is: 'unreadable', why }
}

/** @returns undefined if the date cannot be read */
function dateIn(body: Uint8Array): Stated | undefined {
  const json = parseJson(body)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  // Go's readers accept `Created` for `created`, so two readers would see two dates.
  const keys = Object.keys(json).filter((key) => key.toLowerCase() === 'created')
  if (keys.length === 0) return { is: 'silent' }
  const value = (json as { created?: unknown }).created
  if (keys.length > 1 || value === undefined) return undefined
  if (value === null) return { is: 'silent' }
  const at = typeof value === 'string' ? parseInstant(value) : undefined
  return at === undefined ? undefined : { is: 'known', at }
}
