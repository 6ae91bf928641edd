// Simulates a registry with one repository of very many tags. It computes each response when it gets the request, so that
// its memory does not depend on the number of tags. Argument: the number of tags. Prints its port.
import { createServer } from 'node:http'
import { digestOf } from '../../testbed/images/content.js'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../testbed/images/media-types.js'

const tags = Number(process.argv[2])
const manifests = Math.ceil(tags / 4)
const pool = 20_000
const debug = 300
const DAY = 86_400_000
/** Bytes of a layer. A client that only checks for it leaves such a body unread. */
const LARGE = 4 << 20

/** The name of a tag by its number. The first ones are debug tags. */
const nameOf = (/** @type {number} */ at) => (at < debug ? `debug-${at}` : `v1.${at}.0-build.${at % 97}`)

/** @param {number} at */
function config(at) {
  const created = new Date(Date.UTC(2026, 0, 1) - (at % 300) * DAY).toISOString()
  return Buffer.from(
    JSON.stringify({ created, architecture: 'amd64', os: 'linux', config: { Env: [`N=${at}`] } }),
  )
}

/** @param {number} at */
function manifest(at) {
  const layers = Array.from({ length: 8 }, (_, layer) => {
    const digest = digestOf(`layer ${(at * 3 + layer * 131) % pool}`)
    return { mediaType: OCI_LAYER, digest, size: LARGE + layer }
  })
  const bytes = config(at)
  const own = { mediaType: OCI_CONFIG, digest: digestOf(bytes), size: bytes.length }
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: own, layers })
}

/** The number of the manifest that a tag points to. Each debug tag has a manifest of its own. */
const numberOf = (/** @type {string} */ tag) => {
  const at = Number(/^(?:debug-|v1\.)(\d+)/.exec(tag)?.[1])
  return at < debug ? at : debug + (at % (manifests - debug))
}
/** @type {Map<string, number>} */
const configs = new Map(Array.from({ length: debug }, (_, at) => [digestOf(config(at)), at]))

const server = createServer((request, response) => {
  const [, kind = '', reference = ''] =
    /\/(tags|manifests|blobs|referrers)\/([^/?]+)/.exec(request.url ?? '') ?? []
  const json = (/** @type {number} */ status, /** @type {unknown} */ value) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
  if (request.method === 'DELETE')
    json(404, { errors: [{ code: kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN' }] })
  else if (kind === 'tags')
    json(200, { name: 'acme/app', tags: Array.from({ length: tags }, (_, at) => nameOf(at)) })
  else if (kind === 'manifests')
    response.writeHead(200, { 'content-type': OCI_MANIFEST }).end(manifest(numberOf(reference)))
  else if (kind === 'blobs' && configs.has(reference)) response.end(config(configs.get(reference) ?? 0))
  else if (kind === 'blobs') response.writeHead(200, { 'content-length': LARGE }).flushHeaders()
  else response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () =>
  console.log(/** @type {import('node:net').AddressInfo} */ (server.address()).port),
)
