import { attestation } from './artifacts.js'
import { layerOfFiles } from './content.js'
import { ociImage } from './image.js'
import { ociIndex } from './indexes.js'

/** @typedef {import('./image.js').Image} Image */

const architectures = ['amd64', 'arm64', 'ppc64le', 's390x', 'riscv64', 'loong64', 'mips64le', '386']

/**
 * The images of a build for several platforms: an index of images, with an attestation for each. Each image has a layer of
 * its own, whose bytes depend only on the name and the platform.
 * @param {string} name
 * @param {{ count?: number, shared?: import('./content.js').Layer[], reused?: Image[] }} [options]
 * `shared` are the lowest layers of every image; `reused` are images of another index that this one also lists.
 * @returns {{ index: Image, images: Image[], attestations: Image[] }} the `images` made here
 */
export function platformIndex(name, { count = 2, shared = [], reused = [] } = {}) {
  const images = Array.from({ length: count }, (_, number) => {
    const architecture = architectures[number % architectures.length] ?? ''
    const round = Math.floor(number / architectures.length)
    const seed = `${name} for ${architecture} ${round}`
    const own = layerOfFiles({ [`srv/${name}/program`]: `${seed}\n` })
    const platform = { os: 'linux', architecture, ...(round > 0 && { variant: `v${round}` }) }
    return ociImage(seed, { layers: [...shared, own], platform })
  })
  const attestations = images.map((each) => attestation(each.digest, each))
  return { index: ociIndex([...images, ...reused, ...attestations]), images, attestations }
}
