import { OCI_ARTIFACT } from '../memory/mediatypes.js'
import { descriptor, EMPTY_CONFIG, json, layer, type Content, type Layer } from './content.js'
import { OCI, tail, withManifest, type Common, type Image } from './image.js'
import { referrersTag } from './indexes.js'

/** What docker buildx adds to an index: a manifest of provenance for one of its images. */
export function attestation(seed: string, of: Content): Image {
  const statement = json({ _type: 'https://in-toto.io/Statement/v0.1', seed, subject: of.digest })
  const config = json({ architecture: 'unknown', os: 'unknown', config: {}, seed })
  const family = { ...OCI, layer: 'application/vnd.in-toto+json' }
  return {
    ...withManifest(family, config, [statement], {}),
    platform: { os: 'unknown', architecture: 'unknown' },
    descriptorAnnotations: {
      'vnd.docker.reference.digest': of.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
  }
}

export interface ArtifactOptions extends Common {
  /** The config; the well-known empty one by default. */
  readonly config?: Content
}

/** A signature, an SBOM, anything: an OCI manifest with one blob of its own. */
export function artifact(seed: string, options: ArtifactOptions = {}): Image {
  const { config = EMPTY_CONFIG, artifactType = 'application/vnd.example.sbom' } = options
  const family = { ...OCI, config: 'application/vnd.oci.empty.v1+json', layer: 'application/json' }
  return withManifest(family, config, [json({ artifact: seed })], { ...options, artifactType })
}

export interface ArtifactManifestOptions extends Common {
  /** A seed or the blob itself for each; one of its own by default. */
  readonly blobs?: readonly (string | Layer)[]
}

/** OCI's own manifest for artifacts, given up before 1.1 was final but still found: blobs and no config. */
export function artifactManifest(seed: string, options: ArtifactManifestOptions = {}): Image {
  const { blobs = [`${seed}/1`], artifactType = 'application/vnd.example.sbom' } = options
  const layers = blobs.map((each) => (typeof each === 'string' ? layer(each) : each))
  const manifest = {
    mediaType: OCI_ARTIFACT,
    artifactType,
    blobs: layers.map((each) => descriptor(each, 'application/octet-stream')),
    ...tail(options),
  }
  return { ...json(manifest), mediaType: OCI_ARTIFACT, manifest, layers, children: [] }
}

/** What cosign keeps under `signatureTag`: an image like any other, which says only in its layer whose it is. */
export function signature(seed: string, of?: Content): Image {
  const payload = json({
    critical: {
      identity: { 'docker-reference': '' },
      image: { 'docker-manifest-digest': of?.digest ?? '' },
      type: 'cosign container image signature',
    },
    optional: { seed },
  })
  const config = json({
    architecture: '',
    os: '',
    config: {},
    rootfs: { type: 'layers', diff_ids: [payload.digest] },
  })
  const family = { ...OCI, layer: 'application/vnd.dev.cosign.simplesigning.v1+json' }
  const annotations = { 'dev.cosignproject.cosign/signature': 'c2lnbmF0dXJl' }
  return withManifest(family, config, [{ ...payload, annotations }], {})
}

/** `sha256-<hex>.sig`, and what else cosign ties to an image by name. */
export const signatureTag = (digest: string, suffix: 'sig' | 'att' | 'sbom' = 'sig'): string =>
  `${referrersTag(digest)}.${suffix}`

export interface UnknownOptions extends Common {
  readonly mediaType?: string
  /** Further digests that are written in it, of blobs or manifests that a push of it does not bring along. */
  readonly mentions?: readonly string[]
}

/** A manifest of a kind nobody knows. It needs one blob of its own, by a digest at a place nobody looks at. */
export function unknownManifest(seed: string, options: UnknownOptions = {}): Image {
  const { mediaType = 'application/vnd.example.thing.v1+json', mentions = [] } = options
  const layers = [layer(`${seed}/1`)]
  const manifest = {
    schemaVersion: 2,
    mediaType,
    ...(options.artifactType === undefined ? {} : { artifactType: options.artifactType }),
    parts: { first: layers[0]?.digest, others: mentions },
    ...tail(options),
  }
  return { ...json(manifest), mediaType, manifest, layers, children: [] }
}
