import { content, digestOf } from './content.js'
import { layersOf } from './image.js'
import { payloadText, prettyJws } from './jws.js'
import { SCHEMA_1, SCHEMA_1_UNSIGNED } from './media-types.js'

/**
 * @typedef {Pick<import('./image.js').ImageOptions, 'layers' | 'layerSize' | 'created' | 'secret'> & {
 *   readonly signed?: boolean,
 *   readonly name?: string,
 *   readonly tag?: string,
 * }} Schema1Options
 * By default the manifest is signed. Its digest is then the hash of its payload, not of its bytes. `name` and `tag` are
 * written in it.
 */

/**
 * An image as Docker pushed it before 1.10: no config, the layers from the last to the first, and a signature in the text.
 * @param {string} seed
 * @param {Schema1Options} [options]
 * @returns {import('./image.js').Image}
 */
export function schema1Image(seed, options = {}) {
  const { signed = true, name = 'app', tag = 'latest', created = '2016-01-01T00:00:00Z', secret } = options
  const layers = layersOf(seed, options)
  const ids = layers.map((_, index) => digestOf(`${seed} ${index}`).slice('sha256:'.length))
  const step = (/** @type {string} */ id, /** @type {number} */ index) => ({
    id,
    ...(index === 0 ? {} : { parent: ids[index - 1] }),
    ...(created === null ? {} : { created }),
    container_config: { Cmd: ['/bin/sh', '-c', '#(nop) COPY'] },
    ...(index < ids.length - 1
      ? {}
      : { config: { Env: [`SEED=${seed}`, ...(secret === undefined ? [] : [`SECRET=${secret}`])] } }),
  })
  const payload = payloadText({
    schemaVersion: 1,
    name,
    tag,
    architecture: 'amd64',
    fsLayers: layers.map(({ digest }) => ({ blobSum: digest })).reverse(),
    history: ids.map((id, index) => ({ v1Compatibility: JSON.stringify(step(id, index)) })).reverse(),
  })
  const bytes = signed ? prettyJws(payload, Date.parse('2016-01-01T00:00:00Z'), seed) : payload
  const manifest = JSON.parse(bytes.toString())
  const mediaType = signed ? SCHEMA_1 : SCHEMA_1_UNSIGNED
  return { ...content(bytes), digest: digestOf(payload), mediaType, manifest, layers, children: [] }
}
