import { digestOf } from '../../testbed/images/content.js'
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '../../testbed/images/media-types.js'

/**
 * @typedef {{ digest: string, children: string[], blobs: string[] }} Manifest
 * @typedef {{
 *   name: string,
 *   title: string,
 *   inputs: Record<string, string>,
 *   deleted: string[],
 *   tags: Map<string, string>,
 *   manifests: Map<string, Manifest>,
 * }} Scene
 * `deleted` are the tags to delete by name; a cosign tag is deleted with its image.
 */

export const repository = 'acme/search-indexer'

const bytes = 600
const created = '2026-01-05T08:00:00Z'

/** Builds a repository. */
class Making {
  #storage
  /** @type {Map<string, string>} */
  tags = new Map()
  /** @type {Map<string, Manifest>} */
  manifests = new Map()

  /** @param {import('./storage.js').Storage} storage */
  constructor(storage) {
    this.#storage = storage
  }

  /**
   * @param {string} seed
   * @param {string[]} layers one seed for each layer; equal seeds give the same layer
   * @param {object} [more] of the config
   */
  image(seed, layers, more = {}) {
    const descriptors = layers.map((layer) => this.#blob(OCI_LAYER, text(layer)))
    const settings = {
      ...(seed.startsWith('attestation') ? {} : { created }),
      ...platform,
      config: { Env: [seed] },
    }
    const rootfs = { type: 'layers', diff_ids: descriptors.map(({ digest }) => digest) }
    const config = this.#blob(OCI_CONFIG, JSON.stringify({ ...settings, rootfs, ...more }))
    const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: descriptors }
    return this.#manifest(
      manifest,
      [],
      [config, ...descriptors].map(({ digest }) => digest),
    )
  }

  /** @param {string[]} children */
  index(children) {
    const manifests = children.map((digest) => ({
      mediaType: OCI_MANIFEST,
      digest,
      size: bytes,
      platform,
    }))
    return this.#manifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, children, [])
  }

  /**
   * @param {string} tag
   * @param {string} digest
   */
  tag(tag, digest) {
    this.tags.set(tag, digest)
    this.#storage.tag(tag, digest)
  }

  /**
   * @param {string} mediaType
   * @param {string} content
   */
  #blob(mediaType, content) {
    const body = Buffer.from(content)
    return { mediaType, digest: this.#storage.blob(body), size: body.length }
  }

  /**
   * @param {object} content
   * @param {string[]} children
   * @param {string[]} blobs
   */
  #manifest(content, children, blobs) {
    const digest = this.#storage.manifest(Buffer.from(JSON.stringify(content)))
    this.manifests.set(digest, { digest, children, blobs: [...new Set(blobs)] })
    return digest
  }
}

const platform = { os: 'linux', architecture: 'amd64' }

/** Text that depends only on its seed. @param {string} seed */
function text(seed) {
  let all = ''
  for (let at = 0; all.length < bytes; at++) all += digestOf(`${seed} ${at}`)
  return all
}

/** @param {number} count @param {(at: number) => string} make */
const several = (count, make) => Array.from({ length: count }, (_, at) => make(at))

/** @type {Record<string, { title: string, inputs: Record<string, string>, deleted: RegExp, make: (making: Making) => void }>} */
const scenes = {
  S1: {
    title: 'the reference scene',
    inputs: { image: `${repository}:debug-42` },
    deleted: /^debug-42$/,
    make(making) {
      const latest = making.image('latest', ['base', 'runtime', 'app'])
      making.tag('latest', latest)
      making.tag('stable', latest)
      making.tag('v1.0.0', making.image('v1.0.0', ['v1.0.0']))
      making.tag('v1.1.0', making.image('v1.1.0', ['v1.1.0']))
      making.tag('debug-42', making.image('leak', ['base', 'runtime', 'tools', 'secret']))
    },
  },
  S2: {
    title: 'several platforms, attestations and a signature',
    inputs: { image: `${repository}:debug-42` },
    deleted: /^debug-42$|\.sig$/,
    make(making) {
      const shared = making.image('shared', ['base', 'shared'])
      const own = making.image('own', ['base', 'tools', 'secret'])
      const attested = (/** @type {string} */ of) => making.image(`attestation ${of}`, [`statement of ${of}`])
      const leak = making.index([own, shared, attested('own'), attested('shared for the leak')])
      const other = making.image('other', ['base', 'other'])
      const latest = making.index([shared, other, attested('shared'), attested('other')])
      const build = (/** @type {string} */ name) =>
        making.index([
          making.image(`${name} amd64`, ['base', name]),
          making.image(`${name} arm64`, ['base', `${name} 64`]),
        ])
      making.tag('debug-42', leak)
      making.tag('latest', latest)
      making.tag('stable', latest)
      making.tag('v1.0.0', build('v1.0.0'))
      making.tag('v1.1.0', build('v1.1.0'))
      making.tag(`${leak.replace(':', '-')}.sig`, making.image('signature', ['payload']))
    },
  },
  S3: {
    title: 'one image out of 2,000 tags',
    inputs: { image: `${repository}:debug-42` },
    deleted: /^debug-42$/,
    make(making) {
      const images = several(499, (at) => making.image(`image ${at}`, fromPool(at, 8)))
      for (let at = 0; at < 1999; at++) making.tag(`v${at}`, images[at % images.length] ?? '')
      making.tag('debug-42', making.image('leak', [...fromPool(0, 6), 'tools', 'secret']))
    },
  },
  S4: {
    title: '300 debug tags out of 2,000',
    inputs: { repositories: repository, tags: 'debug-*', 'older-than': '0s', 'max-deletions': '300' },
    deleted: /^debug-/,
    make(making) {
      const images = several(425, (at) => making.image(`image ${at}`, fromPool(at, 8)))
      for (let at = 0; at < 1700; at++) making.tag(`v${at}`, images[at % images.length] ?? '')
      const builds = several(240, (at) =>
        making.image(`build ${at}`, [...fromPool(at, 6), `tools ${at}`, `secret ${at}`]),
      )
      for (let at = 0; at < 294; at++) making.tag(`debug-${at}`, builds[at % builds.length] ?? '')
      for (let at = 294; at < 300; at++) making.tag(`debug-${at}`, images[at % images.length] ?? '')
    },
  },
}

/** Seeds of layers from a common pool, so that images share layers as builds do. @param {number} at @param {number} count */
const fromPool = (at, count) => several(count, (layer) => `pool ${(at * 3 + layer * 7) % 1300}`)

export const sceneNames = Object.keys(scenes)

/**
 * Writes a scene.
 * @param {string} name
 * @param {import('./storage.js').Storage} storage
 * @returns {Scene}
 */
export function makeScene(name, storage) {
  const scene = scenes[name]
  if (scene === undefined) throw new Error(`there is no scene ${name}, only ${sceneNames.join(', ')}`)
  const making = new Making(storage)
  scene.make(making)
  const { tags, manifests } = making
  const deleted = [...tags.keys()].filter((tag) => scene.deleted.test(tag))
  return { name, title: scene.title, inputs: scene.inputs, deleted, tags, manifests }
}
