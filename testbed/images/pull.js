import { request } from '../http.js'
import { digestOf } from './content.js'
import { parseManifest } from './manifest.js'
import { ACCEPT_ALL } from './media-types.js'

/**
 * @typedef {import('./push.js').Registry} Registry
 * @typedef {import('./content.js').Descriptor} Descriptor
 * @typedef {{ manifests?: Descriptor[], config?: Descriptor, layers?: Descriptor[] }} Pulled
 */

/**
 * Sends one GET of a manifest or a blob, with all media types that a client must accept to get the true manifest.
 * @param {Registry} registry
 * @param {string} repository
 * @param {'manifests' | 'blobs'} kind
 * @param {string} reference tag or digest
 */
export function get({ url, ca, auth }, repository, kind, reference) {
  /** @type {Record<string, string>} */
  const headers = kind === 'manifests' ? { accept: ACCEPT_ALL } : {}
  return request({ url: `${url}/v2/${repository}/${kind}/${reference}`, headers, ca, auth })
}

/**
 * Pulls an image as a client does: the manifest, all children of indexes at any depth, all configs and layers. Checks
 * every hash and size.
 * @param {Registry} registry
 * @param {string} repository
 * @param {string} reference tag or digest
 * @returns {Promise<{ ok: boolean, digest: string | undefined, problems: string[] }>}
 */
export async function pullsCompletely(registry, repository, reference) {
  /** @type {string[]} */
  const problems = []
  /** @type {Set<string>} */
  const seen = new Set()

  /**
   * @param {'manifests' | 'blobs'} kind
   * @param {string} wanted
   * @param {number} [size]
   * @returns {Promise<Buffer | undefined>}
   */
  const fetchChecked = async (kind, wanted, size) => {
    const name = `${kind === 'manifests' ? 'manifest' : 'blob'} ${wanted}`
    try {
      const { status, headers, body } = await get(registry, repository, kind, wanted)
      const digest = hashedLike(wanted, body)
      const claimed = headers['docker-content-digest']
      if (status !== 200) problems.push(`${name}: status ${status}`)
      else if (wanted.includes(':') && digest !== wanted)
        problems.push(`${name}: the content's hash is ${digest}`)
      else if (typeof claimed === 'string' && claimed !== hashedLike(claimed, body))
        problems.push(`${name}: called ${claimed}, is ${digest}`)
      else if (size !== undefined && body.length !== size)
        problems.push(`${name}: ${body.length} bytes, not ${size}`)
      else return body
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
    return undefined
  }

  /**
   * @param {string} wanted
   * @param {number} [size]
   * @returns {Promise<Buffer | undefined>}
   */
  const pullManifest = async (wanted, size) => {
    if (seen.has(wanted)) return undefined
    seen.add(wanted)
    const body = await fetchChecked('manifests', wanted, size)
    if (!body) return undefined
    /** @type {Pulled | undefined} */
    const parsed = parseManifest(body)
    if (!parsed) problems.push(`manifest ${wanted}: not a JSON object`)
    for (const child of parsed?.manifests ?? []) await pullManifest(child.digest, child.size)
    for (const part of [parsed?.config, ...(parsed?.layers ?? [])]) {
      if (!part || seen.has(part.digest)) continue
      seen.add(part.digest)
      await fetchChecked('blobs', part.digest, part.size)
    }
    return body
  }

  const top = await pullManifest(reference)
  return { ok: problems.length === 0, digest: top && digestOf(top), problems }
}

/**
 * The digest of a body with the algorithm of this reference. For a blob pushed by sha512, the header may still have the
 * sha256 digest.
 * @param {string} reference
 * @param {Buffer} body
 */
function hashedLike(reference, body) {
  return digestOf(body, reference.startsWith('sha512:') ? 'sha512' : 'sha256')
}
