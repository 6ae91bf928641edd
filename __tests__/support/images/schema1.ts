import { payloadText, prettyJws } from '../memory/jws.js'
import { SCHEMA_1, SCHEMA_1_UNSIGNED } from '../memory/mediatypes.js'
import { digestOf } from '../memory/store.js'
import { content } from './content.js'
import { layersOf, type Image, type ImageOptions } from './image.js'

export interface Schema1Options extends Pick<ImageOptions, 'layers' | 'layerSize' | 'created' | 'secret'> {
  /** Signed by default, and then known by the hash of its payload, which is not that of its bytes. */
  readonly signed?: boolean
  /** The repository and the tag that are written in it. */
  readonly name?: string
  readonly tag?: string
}

/** What Docker pushed before 1.10: no config, the layers from the last to the first, and a signature in the text. */
export function schema1Image(seed: string, options: Schema1Options = {}): Image {
  const { signed = true, name = 'app', tag = 'latest', created = '2016-01-01T00:00:00Z', secret } = options
  const layers = layersOf(seed, options)
  const ids = layers.map((_, index) => digestOf(Buffer.from(`${seed} ${index}`)).slice('sha256:'.length))
  const step = (id: string, index: number): object => ({
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
    fsLayers: layers.map(({ digest }) => ({ blobSum: digest })).toReversed(),
    history: ids.map((id, index) => ({ v1Compatibility: JSON.stringify(step(id, index)) })).toReversed(),
  })
  const bytes = signed ? prettyJws(payload, Date.parse('2016-01-01T00:00:00Z'), seed) : payload
  const manifest = JSON.parse(bytes.toString()) as Record<string, unknown>
  const mediaType = signed ? SCHEMA_1 : SCHEMA_1_UNSIGNED
  return { ...content(bytes), digest: digestOf(payload), mediaType, manifest, layers, children: [] }
}
