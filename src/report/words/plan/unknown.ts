import type { ReferrerProblem, UnknownNeeds } from '../../../plan/problems/plan.js'
import { plural } from '../../text.js'
import { contentName, tagName } from '../names.js'
import { sayMissing, sayUnreadManifest, sayUnreadReferrers } from '../unread.js'
import type { Words } from '../wording.js'

type Ignoring = Pick<Extract<UnknownNeeds, { kind: 'protected-tag-dangles' }>, 'ignoring' | 'furtherTags'>

/** The words for what remains or belongs to the image, and cannot be read. */
export const unknownWords: Words<UnknownNeeds> = {
  'remaining-tag-unreadable': (problem) => ({
    text: `${tagName(problem)} stays, but cannot be read: ${sayUnreadManifest(problem.why)}. ${remedy(problem)}`,
    items: [tagName(problem)],
  }),
  'remaining-tag-contradictory': (problem) => ({
    text: `${tagName(problem)} stays, but the registry's response cannot be true: ${sayUnreadManifest(problem.why)}`,
    items: [tagName(problem)],
  }),
  'protected-tag-dangles': (problem) => ({
    text: `${tagName(problem)} is in protected-tags, but the registry does not know its manifest. ${remedy(problem)}`,
    items: [tagName(problem), 'protected-tags'],
  }),
  'needed-manifest-unreadable': (problem) => {
    const { repository, digest, tags, why } = problem
    const names = tags.map((tag) => tagName({ repository, tag }))
    return {
      text: `${names.join(', ')} ${plural(tags.length, 'needs', 'need')} the manifest ${digest}, which cannot be read: ${sayMissing(why)}. ${remedy(problem)}`,
      items: [contentName(problem), ...names],
    }
  },
  'remaining-referrers-unclear': (problem) => {
    const { repository, subject, why } = problem
    const name = contentName({ repository, digest: subject })
    return {
      text: `The referrers of ${name}, which stays, cannot be listed: ${sayUnreadReferrers(why)}. ${remedy(problem)}`,
      items: [name],
    }
  },
  'attached-tag-unreadable': (problem) => ({
    text: `${tagName(problem)} belongs to the image by its name, and cannot be read: ${sayUnreadManifest(problem.why)}. It should be deleted as well, but its content is unknown. Repair it, or delete it by hand`,
    items: [tagName(problem)],
  }),
}

/** The words for unknown referrers of deleted content. */
export const referrerWords: Words<ReferrerProblem> = {
  'referrers-unclear': ({ repository, subject, why }) => {
    const name = contentName({ repository, digest: subject })
    return {
      text: `The referrers of ${name} should be deleted as well, but cannot be listed: ${sayUnreadReferrers(why)}`,
      items: [name],
    }
  },
  'referrer-unreadable': ({ subject, why, ...about }) => ({
    text: `${contentName(about)} refers to ${subject} and should be deleted as well, but cannot be read: ${sayUnreadManifest(why)}`,
    items: [contentName(about)],
  }),
}

function remedy({ ignoring, furtherTags }: Ignoring): string {
  if (ignoring === 'ignored')
    return 'It is unknown what it needs, and `unreadable-tags: ignore` counts it as broken before this run'
  const naming = furtherTags === 'name-them' ? ', or name it in `image` too' : ''
  const repair = `It is unknown what it needs, so nothing can be deleted safely. Repair or delete it${naming}`
  return ignoring === 'never' ? repair : `${repair}. Or count it as broken with \`unreadable-tags: ignore\``
}
