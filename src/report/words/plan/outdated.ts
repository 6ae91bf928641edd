import type { Outdated } from '../../../plan/problems/plan.js'
import { contentName, tagName } from '../names.js'
import { sayMissing, sayUnreadManifest, sayUnreadReferrers } from '../unread.js'
import type { Words } from '../wording.js'

/** The words for what changed since the survey. Those for doubts can follow "since". */
export const outdatedWords: Words<Outdated> = {
  'tag-unreadable-now': ({ why, ...about }) => ({
    text: `${tagName(about)} cannot be read now: ${sayUnreadManifest(why)}`,
    items: [tagName(about)],
  }),
  'protected-tag-unknown-now': (about) => ({
    text: `${tagName(about)} is in protected-tags, but the registry no longer knows its manifest`,
    items: [tagName(about), 'protected-tags'],
  }),
  'needed-manifest-unreadable-now': ({ why, ...about }) => ({
    text: `a remaining tag of ${about.repository} needs ${about.digest}, which cannot be read: ${sayMissing(why)}`,
    items: [contentName(about)],
  }),
  'referrers-unclear-now': ({ repository, subject, why }) => {
    const name = contentName({ repository, digest: subject })
    return { text: `the referrers of ${name} cannot be listed: ${sayUnreadReferrers(why)}`, items: [name] }
  },
  'tag-moved': ({ digest, ...about }) => ({
    text: `${tagName(about)} points to ${digest} now: it moved after the plan was made. Run again`,
    items: [tagName(about)],
  }),
  'tag-revived': (about) => ({
    text: `${tagName(about)} did not resolve when the plan was made, but does now. Run again`,
    items: [tagName(about)],
  }),
  'counted-tag-gone': (about) => ({
    text: `${tagName(about)} was counted for keep-newest when the plan was made, and is gone now. Run again`,
    items: [tagName(about), 'keep-newest'],
  }),
  newcomer: ({ repository, name, subject = 'the image' }) => {
    const item =
      'tag' in name
        ? tagName({ repository, tag: name.tag })
        : contentName({ repository, digest: name.digest })
    return {
      text: `${item} belongs to ${subject}, and was not there when the plan was made. Run again`,
      items: [item],
    }
  },
}
