type ManifestJson = Record<string, unknown>
interface Descriptor {
  readonly digest?: unknown
}

/** A manifest as JSON; undefined for bytes that are none. */
export function parseManifest(bytes: Buffer): ManifestJson | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as ManifestJson)
      : undefined
  } catch {
    return undefined
  }
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
