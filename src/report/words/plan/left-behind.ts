import type { LeftBehind } from '../../../plan/problems/plan.js'
import { contentName, tagName } from '../names.js'
import type { Words } from '../wording.js'
import { sayTogether } from './together.js'

/** The words for what would still be served after the purge. */
export const leftBehindWords: Words<LeftBehind> = {
  alias: ({ repository, tags, labels, furtherTags, together }) => {
    const names = tags.map(({ tag }) => tagName({ repository, tag }))
    const found = `The image in ${repository} is also served under other tags: ${tags.map(({ tag }) => tag).join(', ')} (they point to a manifest of the image, or to one with the same config). It could still be pulled, so nothing was purged.`
    if (furtherTags === 'run-again')
      return { text: `${found} Run again: then they are taken into account`, items: names }
    const labelsOnly =
      labels.length === 0
        ? []
        : [
            `With \`scope: tag\` the run would remove only the label ${labels.map((tag) => tagName({ repository, tag })).join(', ')} and leave behind the manifest and every blob, so whoever has the digest or another tag could still pull it.`,
          ]
    return { text: [[found, ...labelsOnly].join(' '), ...sayTogether(together)].join('\n'), items: names }
  },
  'shared-blobs': ({ repository, kept, furtherTags }) => {
    const lines = kept.map(({ digest, heldBy }) => `  ${digest} is needed by ${heldBy.join(', ')}`)
    const naming = furtherTags === 'name-them' ? 'To purge those tags as well, name them in `image`. ' : ''
    return {
      text: [
        `shared-blobs is \`fail\`, and remaining tags of ${repository} need ${kept.length} of the image's digests:`,
        ...lines,
        `${naming}To purge only the rest, set:`,
        '  shared-blobs: keep',
      ].join('\n'),
      items: ['shared-blobs', ...kept.map(({ digest }) => contentName({ repository, digest }))],
    }
  },
}
