/**
 * A manifest as JSON, or undefined if the bytes are not a JSON object.
 * @param {Buffer} bytes
 * @returns {Record<string, unknown> | undefined}
 */
export function parseManifest(bytes) {
  try {
    const value = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
