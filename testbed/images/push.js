import { request } from '../http.js'
import { blobsOf } from './image.js'
import { ACCEPT_ALL } from './media-types.js'

/**
 * @typedef {{
 *   url: string,
 *   ca?: string | undefined,
 *   auth?: import('../http.js').Credentials | undefined,
 * }} Registry
 * @typedef {import('./content.js').Content} Content
 * @typedef {import('./image.js').Image} Image
 */

/**
 * Pushes an image with everything it needs, dependencies first. The image may exist already.
 * @param {Registry} registry
 * @param {string} repository
 * @param {Image} image
 * @param {string} [tag] without it, the image is untagged
 * @returns {Promise<string>} the digest
 */
export async function push(registry, repository, image, tag) {
  const blobs = new Map(blobsOf(image).map((each) => [each.digest, each]))
  await Promise.all([...blobs.values()].map((each) => pushBlob(registry, repository, each)))
  for (const child of image.children) await push(registry, repository, child)
  return putManifest(registry, repository, image, tag ?? image.digest)
}

/**
 * Uploads a blob, unless the repository has it.
 * @param {Registry} registry
 * @param {string} repository
 * @param {Content} content
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
 * Pushes the manifest alone: as another tag of an existing image, or on purpose without the content that it needs.
 * @param {Registry} registry
 * @param {string} repository
 * @param {Content & { readonly mediaType: string }} manifest
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
 * Points a second tag to the manifest of a tag.
 * @param {Registry} registry
 * @param {string} repository
 * @param {string} tag
 * @param {string} alias
 */
export async function putAlias(registry, repository, tag, alias) {
  const path = `${repository}/manifests`
  const found = await send(registry, 'GET', `${path}/${tag}`, { accept: ACCEPT_ALL })
  expectStatus(found, 200, `reading ${repository}:${tag}`)
  const headers = { 'content-type': found.headers['content-type'] ?? '' }
  const stored = await send(registry, 'PUT', `${path}/${alias}`, headers, found.body)
  expectStatus(stored, 201, `pushing ${repository}:${alias}`)
}

/**
 * Mounts a blob of one repository into another without uploading it.
 * @param {Registry} registry
 * @param {string} repository the target
 * @param {string} digest
 * @param {string} from the repository that has it
 * @returns {Promise<boolean>} false if the registry requires an upload instead
 */
export async function mount(registry, repository, digest, from) {
  const query = new URLSearchParams({ mount: digest, from })
  const response = await send(registry, 'POST', `${repository}/blobs/uploads/?${query}`)
  if (response.status === 201) return true
  expectStatus(response, 202, `mounting ${digest} into ${repository}`)
  const { ca, auth } = registry
  await request({ url: new URL(response.headers.location ?? '', registry.url), method: 'DELETE', ca, auth })
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
 * @param {import('../http.js').HttpResponse} response
 * @param {number} expected
 * @param {string} what
 */
function expectStatus({ status, body }, expected, what) {
  if (status !== expected)
    throw new Error(`${what}: ${status} instead of ${expected}, ${body.toString().slice(0, 300)}`)
}
