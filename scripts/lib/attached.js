import { blob, descriptor, digestOf, manifest, ociArtifact, referrersTag } from './image.js'
import { mediaTypes } from './media-types.js'

/** @typedef {import('./image.js').Descriptor} Descriptor */

/**
 * A bill of materials that has this as its subject.
 * @param {Descriptor} subject
 * @param {string} [tool] makes it another one
 */
export function sbomOf(subject, tool = 'scanner') {
  const content = JSON.stringify({ spdxVersion: 'SPDX-2.3', name: subject.digest, creators: [tool] })
  const artifactType = 'application/spdx+json'
  return ociArtifact({ artifactType, layers: [blob(content, artifactType)], subject })
}

/**
 * A signature that has this as its subject. That may be a referrer itself.
 * @param {Descriptor} subject
 * @param {string} [signer] makes it another one
 */
export function signatureOf(subject, signer = 'builder') {
  const content = JSON.stringify({ signed: subject.digest, by: signer })
  const artifactType = 'application/vnd.acme.signature.v1'
  return ociArtifact({ artifactType, layers: [blob(content, `${artifactType}+json`)], subject })
}

/** The types of what cosign keeps under tags. */
const cosignTypes = {
  sig: 'application/vnd.dev.cosign.simplesigning.v1+json',
  att: 'application/vnd.dsse.envelope.v1+json',
  sbom: 'text/spdx+json',
}

/** @typedef {keyof typeof cosignTypes} CosignKind */

/**
 * The tag that says what it belongs to: nothing in the manifest does.
 * @param {Descriptor} of
 * @param {CosignKind} kind
 */
export function cosignTag(of, kind) {
  return `${referrersTag(of)}.${kind}`
}

/**
 * A signature, attestation or bill of materials as cosign pushes it under `cosignTag`: an image with a config of its
 * own, a layer for each signer, and no subject.
 * @param {Descriptor} of
 * @param {CosignKind} kind
 * @param {string[]} [signers]
 */
export function cosignImage(of, kind, signers = ['builder']) {
  const layers = signers.map((signer) =>
    blob(JSON.stringify({ critical: { image: of.digest, type: kind }, signer }), cosignTypes[kind]),
  )
  const config = blob(
    JSON.stringify({
      architecture: '',
      os: '',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
    mediaTypes.ociConfig,
  )
  const value = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptor(config),
    layers: layers.map((each) => ({
      ...descriptor(each),
      annotations: { 'dev.cosignproject.cosign/signature': digestOf(`signature of ${each.digest}`) },
    })),
  }
  return manifest(mediaTypes.ociManifest, value, { blobs: [config, ...layers] })
}
