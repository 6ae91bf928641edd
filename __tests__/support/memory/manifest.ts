import { parseManifest } from '../../../testbed/images/manifest.js'

interface Descriptor {
  readonly digest?: unknown
}

const listOf = <E>(value: unknown): E[] => (Array.isArray(value) ? (value as E[]) : [])

const digestsIn = (list: unknown): string[] =>
  listOf<Descriptor>(list).flatMap((entry) => (typeof entry?.digest === 'string' ? [entry.digest] : []))

/** What an index lists. */
export const childrenOf = (bytes: Buffer): string[] => digestsIn(parseManifest(bytes)?.['manifests'])

/** What an image or artifact consists of: config, layers, blobs, the layers of schema 1. */
export function blobsOf(bytes: Buffer): string[] {
  const manifest = parseManifest(bytes) ?? {}
  return [
    ...digestsIn([manifest['config'] ?? {}]),
    ...digestsIn(manifest['layers']),
    ...digestsIn(manifest['blobs']),
    ...listOf<{ blobSum?: string }>(manifest['fsLayers']).flatMap((entry) => entry?.blobSum ?? []),
  ]
}
