import { createHash } from 'node:crypto'
import { layerOfFiles } from './content.js'
import { blobsOf, ociImage } from './image.js'
import { push } from './push.js'

/**
 * The reference scene: a repository with five tags, one of them a debug image with a credential in it.
 *
 * @typedef {{
 *   tag: string,
 *   digest: string,
 *   config: string,
 *   layers: string[],
 *   secretLayer: string,
 *   secretFile: string,
 *   ownBlobs: string[],
 *   sharedBlobs: string[],
 * }} Leak
 * `ownBlobs` are the config and the two layers that only the leak has; `sharedBlobs` are the two that `latest` needs.
 * @typedef {{ repository: string, tags: Record<string, string>, leak: Leak }} Scene
 */

const repository = 'acme/search-indexer'

/** Not a real credential. */
export const fakeCredential = 'PRIVATE_TOKEN=not-a-real-secret-0000-for-demonstration-only'

const secretFile = 'srv/indexer/.env'

/**
 * Pushes the reference scene: the same bytes, and so the same digests, every time.
 * @param {import('./push.js').Registry} registry
 * @param {{ image?: typeof ociImage }} [options] `dockerImage` for Docker's format instead of OCI's
 * @returns {Promise<Scene>}
 */
export async function pushScene(registry, { image = ociImage } = {}) {
  const base = layerOfFiles({
    'etc/os-release': 'NAME="Acme Linux"\nVERSION_ID="12"\n',
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nindexer:x:1000:1000::/srv/indexer:/bin/sh\n',
    'usr/lib/libbase.so.1': noise('base', 48_000),
  })
  const runtime = layerOfFiles({ 'usr/local/bin/runtime': noise('runtime', 32_000) })
  const app = (/** @type {string} */ version) =>
    layerOfFiles({
      'srv/indexer/version': `${version}\n`,
      'srv/indexer/indexer': noise(`indexer ${version}`, 16_000),
    })
  const debugTools = layerOfFiles({ 'usr/local/bin/tracer': noise('tracer', 12_000) })
  const secret = layerOfFiles({
    'srv/indexer/indexer': noise('indexer debug', 16_000),
    [secretFile]: `LOG_LEVEL=debug\n${fakeCredential}\nINDEX_URL=https://index.acme.example\n`,
  })

  const first = image('v1.0.0', { layers: [base, app('1.0.0')], created: '2026-01-10T09:00:00Z' })
  const second = image('v1.1.0', { layers: [base, app('1.1.0')], created: '2026-02-10T09:00:00Z' })
  const newest = image('v1.2.0', { layers: [base, runtime, app('1.2.0')], created: '2026-03-10T09:00:00Z' })
  const leak = image('debug-42', {
    layers: [base, runtime, debugTools, secret],
    created: '2026-03-12T17:30:00Z',
  })

  const images = { latest: newest, 'v1.0.0': first, 'v1.1.0': second, stable: newest, 'debug-42': leak }
  /** @type {Record<string, string>} */
  const tags = {}
  for (const [tag, each] of Object.entries(images)) tags[tag] = await push(registry, repository, each, tag)

  const [config = '', ...layers] = blobsOf(leak).map(({ digest }) => digest)
  return {
    repository,
    tags,
    leak: {
      tag: 'debug-42',
      digest: leak.digest,
      config,
      layers,
      secretLayer: secret.digest,
      secretFile,
      ownBlobs: [config, debugTools.digest, secret.digest],
      sharedBlobs: [base.digest, runtime.digest],
    },
  }
}

/**
 * Bytes that cannot be compressed. Equal seeds give equal bytes.
 * @param {string} seed
 * @param {number} length
 */
function noise(seed, length) {
  const parts = []
  for (let at = 0; at < length; at += 32) parts.push(createHash('sha256').update(`${seed} ${at}`).digest())
  return Buffer.concat(parts).subarray(0, length)
}
