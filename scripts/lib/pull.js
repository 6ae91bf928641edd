import { request } from './http.js'
import { digestOf } from './image.js'
import { acceptManifests } from './media-types.js'

/** @typedef {import('./push.js').Registry} Registry */

/**
 * One GET of a manifest or a blob, with everything that a client must say to get the true answer.
 * @param {Registry} registry
 * @param {string} repository
 * @param {'manifests' | 'blobs'} kind
 * @param {string} reference tag or digest
 */
export function get({ url, ca, auth }, repository, kind, reference) {
  const headers = kind === 'manifests' ? { accept: acceptManifests } : {}
  /** @type {import('./http.js').HttpRequest} */
  const asked = { url: `${url}/v2/${repository}/${kind}/${reference}`, headers, ca, auth }
  return request(asked)
}

/**
 * Pulls as a client would: the manifest, every child of an index at every depth, every config and layer, and checks
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
    const parsed = parse(body)
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
 * The digest by the algorithm that this one uses: of a blob pushed by sha512 the header may still say sha256.
 * @param {string} reference
 * @param {Buffer} body
 */
function hashedLike(reference, body) {
  return digestOf(body, reference.startsWith('sha512:') ? 'sha512' : 'sha256')
}

/**
 * @param {Buffer} body
 * @returns {{
 *   manifests?: import('./image.js').Descriptor[],
 *   config?: import('./image.js').Descriptor,
 *   layers?: import('./image.js').Descriptor[],
 * } | undefined}
 */
function parse(body) {
  try {
    const value = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
