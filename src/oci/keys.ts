/** The keys of manifests and descriptors that this action or other clients read. */
const KEYS = [
  'schemaVersion',
  'mediaType',
  'config',
  'layers',
  'manifests',
  'blobs',
  'subject',
  'fsLayers',
  'blobSum',
  'digest',
  'signatures',
]
const BY_LOWER_CASE = new Map(KEYS.map((key) => [key.toLowerCase(), key]))
/** Lower case as in Go's decoder, which also maps the long s and the Kelvin sign. */
const folded = (key: string): string => key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase()

/**
 * Finds a key that differs from a known one only by case. Go's decoder treats `Layers` as `layers`, and the last of the
 * two wins. So two clients could interpret such a body as two different images.
 */
export function miscasedKey(json: Readonly<Record<string, unknown>>): string | undefined {
  const wrong = (object: unknown): string | undefined =>
    typeof object === 'object' && object !== null
      ? Object.keys(object).find((key) => (BY_LOWER_CASE.get(folded(key)) ?? key) !== key)
      : undefined
  const lists = [json['layers'], json['manifests'], json['blobs'], json['fsLayers']]
  const descriptors: unknown[] = [json, json['config'], json['subject']]
  for (const list of lists) if (Array.isArray(list)) descriptors.push(...(list as unknown[]))
  return descriptors.map(wrong).find((key) => key !== undefined)
}
