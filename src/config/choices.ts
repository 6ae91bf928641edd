import { readSearched } from './ask/searched.js'
import type { InputReader } from './reader.js'
import type { Named, Settings } from './settings.js'
import { parseChoice } from './text/values.js'

/** The scope of the purge, and the user's decisions for special cases. */
export type Choices = Pick<Settings, 'scope' | 'unreadableTags' | 'searched' | 'onExposure' | 'sharedBlobs'>

/** @param named the content of `image` and `blobs`; `scope: tag` allows only tags */
export function readChoices(reader: InputReader, named: readonly Named[]): Choices {
  const choice = <T extends string>(
    name: 'scope' | 'unreadable-tags' | 'on-exposure' | 'shared-blobs',
    choices: readonly [T, ...T[]],
  ): T => reader.parse(name, (text) => parseChoice(text, choices), choices[0])

  const scope = choice('scope', ['image', 'tag'])
  if (scope === 'tag') checkOnlyTags(reader, named)
  return {
    scope,
    unreadableTags: choice('unreadable-tags', ['refuse', 'ignore']),
    searched: readSearched(reader, 'search-repositories'),
    onExposure: choice('on-exposure', ['warn', 'fail']),
    sharedBlobs: choice('shared-blobs', ['keep', 'fail']),
  }
}

function checkOnlyTags(reader: InputReader, named: readonly Named[]): void {
  for (const { repository, digests, blobs } of named) {
    for (const digest of digests)
      reader.addProblem(
        'scope',
        `\`tag\` removes only tags, and ${repository}@${digest} in \`image\` has none: write \`repository:tag\`, or use \`scope: image\``,
      )
    for (const digest of blobs)
      reader.addProblem(
        'scope',
        `\`tag\` removes only tags, and ${repository}@${digest} in \`blobs\` is content: leave it out, or use \`scope: image\``,
      )
  }
}
