import { sha256, type Digest } from '../../oci/digest.js'
import { OCI_INDEX, OCI_MANIFEST } from '../../oci/mediatype.js'
import type { Random } from '../../registry/time.js'

/** A manifest without content. Random text makes its digest unique. */
export interface Dummy {
  readonly mediaType: string
  readonly body: Uint8Array
  readonly digest: Digest
  /** The random text. No other manifest contains it. */
  readonly chance: string
  /** Uploaded before the manifest and deleted after it. Their bytes are unique as well. */
  readonly blobs: readonly { readonly digest: Digest; readonly body: Uint8Array }[]
}

const NOTE = 'org.opencontainers.image.description'
const WORDS =
  'Placeholder of registry-purge: it takes the place of a label for a moment, to be deleted with it'
const CHANCE = 'registry-purge.chance'

/** @returns an index without manifests: it needs no uploads, so it leaves no blobs behind */
export function emptyIndex(random: Random): Dummy {
  const chance = random.hex(32)
  const annotations = { [NOTE]: WORDS, [CHANCE]: chance }
  return dummy({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], annotations }, OCI_INDEX, chance, [])
}

/**
 * Makes a placeholder for registries that refuse an empty index. The config is not the well-known `{}`, since that blob is
 * never deleted.
 *
 * @returns an image whose config and layer contain only random text
 */
export function emptyImage(random: Random): Dummy {
  const chance = random.hex(32)
  const config = blob(
    JSON.stringify({ architecture: '', os: '', rootfs: { type: 'layers', diff_ids: [] }, chance }),
  )
  const layer = blob(chance)
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
    annotations: { [NOTE]: WORDS, [CHANCE]: chance },
  }
  return dummy(manifest, OCI_MANIFEST, chance, [config, layer])
}

type Blob = Dummy['blobs'][number]

function blob(text: string): Blob {
  return { digest: sha256(text), body: Buffer.from(text) }
}

function descriptor(mediaType: string, { digest, body }: Blob): object {
  return { mediaType, digest, size: body.length }
}

function dummy(manifest: object, mediaType: string, chance: string, blobs: readonly Blob[]): Dummy {
  const body = Buffer.from(JSON.stringify(manifest))
  return { mediaType, body, digest: sha256(body), chance, blobs }
}
