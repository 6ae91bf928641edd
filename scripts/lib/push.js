import { request } from './http.js'
import { acceptManifests } from './media-types.js'

/**
 * @typedef {{
 *   url: string,
 *   ca?: string | undefined,
 *   auth?: import('./http.js').Credentials | undefined,
 * }} Registry
 * @typedef {import('./image.js').ImageBlob} ImageBlob
 * @typedef {import('./image.js').ImageManifest} ImageManifest
 */

/**
 * Pushes a blob, or a manifest with everything it needs, dependencies first. Once more is no harm.
 * @param {Registry} registry
 * @param {string} repository
 * @param {ImageBlob | ImageManifest} object
 * @param {string} [tag] for a manifest; without it, it can be reached by its digest only
 * @returns {Promise<string>} the digest
 */
export async function push(registry, repository, object, tag) {
  if (!('manifests' in object)) return pushBlob(registry, repository, object)
  const blobs = new Map(object.blobs.map((each) => [each.digest, each]))
  await Promise.all([...blobs.values()].map((each) => pushBlob(registry, repository, each)))
  for (const child of object.manifests) await push(registry, repository, child)
  return putManifest(registry, repository, object, tag ?? object.digest)
}

/**
 * Uploads a blob, unless the repository has it.
 * @param {Registry} registry
 * @param {string} repository
 * @param {ImageBlob} content
 * @returns {Promise<string>} the digest
 */
export async function pushBlob(registry, repository, { digest, bytes }) {
  const present = await send(registry, 'HEAD', `${repository}/blobs/${digest}`)
  if (present.status === 200) return digest
  const opened = await send(registry, 'POST', `${repository}/blobs/uploads/`)
  expectStatus(opened, 202, `opening an upload to ${repository}`)
  const upload = new URL(opened.headers.location ?? '', registry.url)
  upload.searchParams.set('digest', digest)
  const { ca, auth } = registry
  const headers = { 'content-type': 'application/octet-stream' }
  const stored = await request({ url: upload, method: 'PUT', headers, body: bytes, ca, auth })
  expectStatus(stored, 201, `uploading ${digest} to ${repository}`)
  return digest
}

/**
 * Puts the manifest alone: another tag for what is there, or on purpose without what it needs.
 * @param {Registry} registry
 * @param {string} repository
 * @param {ImageManifest} object
 * @param {string} reference tag or digest
 * @returns {Promise<string>} the digest
 */
export async function putManifest(registry, repository, { mediaType, digest, bytes }, reference) {
  const headers = { 'content-type': mediaType }
  const stored = await send(registry, 'PUT', `${repository}/manifests/${reference}`, headers, bytes)
  expectStatus(stored, 201, `pushing ${repository} ${reference}`)
  return digest
}

/**
 * Puts a second tag on what a tag is on: the same bytes under another name.
 * @param {Registry} registry
 * @param {string} repository
 * @param {string} tag
 * @param {string} alias
 */
export async function putAlias(registry, repository, tag, alias) {
  const path = `${repository}/manifests`
  const found = await send(registry, 'GET', `${path}/${tag}`, { accept: acceptManifests })
  expectStatus(found, 200, `reading ${repository}:${tag}`)
  const headers = { 'content-type': found.headers['content-type'] ?? '' }
  const stored = await send(registry, 'PUT', `${path}/${alias}`, headers, found.body)
  expectStatus(stored, 201, `pushing ${repository}:${alias}`)
}

/**
 * Links a blob of one repository into another without uploading it.
 * @param {Registry} registry
 * @param {string} repository where it goes
 * @param {string} digest
 * @param {string} from the repository that has it
 * @returns {Promise<boolean>} false where the registry wants an upload instead
 */
export async function mount(registry, repository, digest, from) {
  const query = new URLSearchParams({ mount: digest, from })
  const answer = await send(registry, 'POST', `${repository}/blobs/uploads/?${query}`)
  if (answer.status === 201) return true
  expectStatus(answer, 202, `mounting ${digest} into ${repository}`)
  const { ca, auth } = registry
  await request({ url: new URL(answer.headers.location ?? '', registry.url), method: 'DELETE', ca, auth })
  return false
}

/**
 * @param {Registry} registry
 * @param {string} method
 * @param {string} path below /v2/
 * @param {Record<string, string>} [headers]
 * @param {Buffer} [body]
 */
function send({ url, ca, auth }, method, path, headers, body) {
  return request({ url: `${url}/v2/${path}`, method, headers: headers ?? {}, body, ca, auth })
}

/**
 * @param {import('./http.js').HttpAnswer} answer
 * @param {number} expected
 * @param {string} what
 */
function expectStatus({ status, body }, expected, what) {
  if (status !== expected)
    throw new Error(`${what}: ${status} instead of ${expected}, ${body.toString().slice(0, 300)}`)
}
