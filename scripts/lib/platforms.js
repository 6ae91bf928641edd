import { attestation, layer, ociImage, ociIndex } from './image.js'

/** @typedef {import('./image.js').ImageManifest} ImageManifest */

const architectures = ['amd64', 'arm64', 'ppc64le', 's390x', 'riscv64', 'loong64', 'mips64le', '386']

/**
 * What a build for several platforms pushes: an index of as many images, and beside each the statements on how it was
 * made, for no platform. Each image has a layer of its own, whose bytes depend on the name and the platform only.
 * @param {string} name
 * @param {{
 *   count?: number,
 *   shared?: import('./image.js').ImageBlob[],
 *   attested?: boolean,
 *   reused?: ImageManifest[],
 *   annotations?: Record<string, string>,
 * }} [options]
 * `shared` are the lowest layers of every image; `reused` are images of another index that this one lists, too.
 * @returns {{ index: ImageManifest, images: ImageManifest[], attestations: ImageManifest[] }} the `images` made here
 */
export function platformIndex(
  name,
  { count = 2, shared = [], attested = true, reused = [], annotations } = {},
) {
  const images = Array.from({ length: count }, (_, number) => {
    const architecture = architectures[number % architectures.length] ?? ''
    const round = Math.floor(number / architectures.length)
    const own = layer({ [`srv/${name}/program`]: `${name} for ${architecture} ${round}\n` })
    const platform = { os: 'linux', architecture, ...(round > 0 && { variant: `v${round}` }) }
    return ociImage({ layers: [...shared, own], platform })
  })
  const attestations = attested ? images.map((each) => attestation(each)) : []
  const index = ociIndex([...images, ...reused, ...attestations], { ...(annotations && { annotations }) })
  return { index, images, attestations }
}
