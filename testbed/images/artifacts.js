import { descriptor, EMPTY_CONFIG, json, layer } from './content.js'
import { OCI, tail, withManifest } from './image.js'
import { referrersTag } from './indexes.js'
import { OCI_ARTIFACT, OCI_EMPTY } from './media-types.js'

/**
 * @typedef {import('./content.js').Content} Content
 * @typedef {import('./content.js').Layer} Layer
 * @typedef {import('./image.js').Common} Common
 * @typedef {import('./image.js').Image} Image
 */

const ANY_BYTES = 'application/octet-stream'
const UNKNOWN_SBOM = 'application/vnd.example.sbom'

/**
 * The manifest of provenance that docker buildx adds to an index for each of its images.
 * @param {string} seed
 * @param {Content} of
 * @returns {Image}
 */
export function attestation(seed, of) {
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

/**
 * An artifact of any kind, such as a signature or a bill of materials: an OCI manifest with blobs.
 * @param {string} seed
 * @param {Common & { readonly config?: Content, readonly layers?: readonly Layer[] }} [options] by default the
 *   well-known empty config, and one layer of its own
 * @returns {Image}
 */
export function artifact(seed, options = {}) {
  const { config = EMPTY_CONFIG, artifactType = UNKNOWN_SBOM } = options
  const { layers = [{ ...json({ artifact: seed }), mediaType: 'application/json' }] } = options
  const family = { ...OCI, config: OCI_EMPTY, layer: ANY_BYTES }
  return withManifest(family, config, layers, { ...options, artifactType })
}

/**
 * A bill of materials with this subject.
 * @param {Image} subject
 * @param {string} [tool] another tool makes another artifact
 */
export function sbomOf(subject, tool = 'scanner') {
  const artifactType = 'application/spdx+json'
  const text = json({ spdxVersion: 'SPDX-2.3', name: subject.digest, creators: [tool] })
  return artifact(tool, { artifactType, layers: [{ ...text, mediaType: artifactType }], subject })
}

/**
 * A signature with this subject, which may be a referrer itself.
 * @param {Image} subject
 * @param {string} [signer] another signer makes another artifact
 */
export function signatureOf(subject, signer = 'builder') {
  const artifactType = 'application/vnd.acme.signature.v1'
  const text = json({ signed: subject.digest, by: signer })
  return artifact(signer, { artifactType, layers: [{ ...text, mediaType: `${artifactType}+json` }], subject })
}

/**
 * OCI's own manifest for artifacts, dropped before 1.1 was final: blobs and no config.
 * @param {string} seed
 * @param {Common & { readonly blobs?: readonly (string | Layer)[] }} [options] `blobs` are seeds or blobs; the default
 *   is one blob of its own
 * @returns {Image}
 */
export function artifactManifest(seed, options = {}) {
  const { blobs = [`${seed}/1`], artifactType = UNKNOWN_SBOM } = options
  const layers = blobs.map((each) => (typeof each === 'string' ? layer(each) : each))
  const manifest = {
    mediaType: OCI_ARTIFACT,
    artifactType,
    blobs: layers.map((each) => descriptor(each, ANY_BYTES)),
    ...tail(options),
  }
  return { ...json(manifest), mediaType: OCI_ARTIFACT, manifest, layers, children: [] }
}

/** The layer types of the artifacts that cosign keeps under tags. */
const COSIGN_LAYERS = {
  sig: 'application/vnd.dev.cosign.simplesigning.v1+json',
  att: 'application/vnd.dsse.envelope.v1+json',
  sbom: 'text/spdx+json',
}

/** @typedef {keyof typeof COSIGN_LAYERS} CosignKind */

/**
 * A signature, an attestation or a bill of materials as cosign keeps it under `signatureTag`: an image without a
 * subject. Only its layer and its tag refer to the signed image.
 * @param {string} seed
 * @param {Content} [of]
 * @param {CosignKind} [kind]
 */
export function signature(seed, of, kind = 'sig') {
  const payload = json({
    critical: {
      identity: { 'docker-reference': '' },
      image: { 'docker-manifest-digest': of?.digest ?? '' },
      type: 'cosign container image signature',
    },
    optional: { seed, kind },
  })
  const config = json({
    architecture: '',
    os: '',
    config: {},
    rootfs: { type: 'layers', diff_ids: [payload.digest] },
  })
  const family = { ...OCI, layer: COSIGN_LAYERS[kind] }
  const annotations = { 'dev.cosignproject.cosign/signature': 'c2lnbmF0dXJl' }
  return withManifest(family, config, [{ ...payload, annotations }], {})
}

/**
 * The tag under which cosign keeps an artifact of an image, such as `sha256-<hex>.sig`.
 * @param {string} digest
 * @param {CosignKind} [kind]
 */
export function signatureTag(digest, kind = 'sig') {
  return `${referrersTag(digest)}.${kind}`
}

/**
 * A manifest of unknown kind. It refers to one blob of its own, by a digest in an unusual place.
 * @param {string} seed
 * @param {Common & { readonly mediaType?: string, readonly mentions?: readonly string[] }} [options] `mentions` are
 *   further digests in its text, of blobs or manifests that a push does not upload
 * @returns {Image}
 */
export function unknownManifest(seed, options = {}) {
  const { mediaType = 'application/vnd.example.thing.v1+json', mentions = [] } = options
  const own = layer(`${seed}/1`)
  const manifest = {
    schemaVersion: 2,
    mediaType,
    ...(options.artifactType === undefined ? {} : { artifactType: options.artifactType }),
    parts: { first: own.digest, others: mentions },
    ...tail(options),
  }
  return { ...json(manifest), mediaType, manifest, layers: [own], children: [] }
}
