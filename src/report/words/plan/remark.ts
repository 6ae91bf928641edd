import type { Remark } from '../../../plan/problems/plan.js'
import { contentName, tagName } from '../names.js'
import type { Words } from '../wording.js'

/** The words for what the plan warns of. */
export const remarkWords: Words<Remark> = {
  'repository-forgotten': ({ repository }) => ({
    text: `the registry does not know the repository ${repository}. This is right if its last tag is gone. If the name is wrong, or the user may not see it, nothing is purged: check the name`,
    items: [repository],
  }),
  'manifest-gone': (about) => ({
    text: `${contentName(about)} is gone already, so its config and layers are unknown and may still be served. If another record of the image has them, purge them with \`blobs\``,
    items: [contentName(about)],
  }),
  'remaining-tag-dangles': (about) => ({
    text: `${tagName(about)} is listed, but the registry does not know its manifest: it was broken before this run`,
    items: [tagName(about)],
  }),
  'attached-tag-deleted': ({ subject, ...about }) => ({
    text: `${tagName(about)} is deleted, although \`image\` does not name it: it points to a manifest that refers to ${subject}.\nTo keep it, add to \`protected-tags\`:\n  ${about.tag}`,
    items: [tagName(about)],
  }),
  'attached-tag-kept': (about) => ({
    text: `${tagName(about)} belongs to the image, but also serves something that stays. So it stays, and what it needs is still served`,
    items: [tagName(about)],
  }),
  'content-elsewhere': (about) => ({
    text: `${contentName(about)}: its manifest lists other locations for it (\`urls\`). It is deleted from this registry only`,
    items: [contentName(about)],
  }),
}
