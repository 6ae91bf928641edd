import type { Repository } from '../../../oci/reference.js'
import { alike, type Tag } from '../../../oci/tag.js'
import type { NamedBy } from '../../../plan/naming.js'
import type { NamedProblem } from '../../../plan/problems/plan.js'
import { plural, some } from '../../text.js'
import { contentName, storageKey, tagName } from '../names.js'
import { sayUnreadManifest } from '../unread.js'
import type { Words } from '../wording.js'
import { sayNaming, sayPart } from './naming.js'
import { sayTogether } from './together.js'

/** How many tags or manifests to name. */
const SHOWN = 20
/** How many tags to suggest in place of an absent one. */
const ALIKE = 3

/** The words for what was named and cannot be purged. */
export const namedWords: Words<NamedProblem> = {
  'tag-absent': ({ listed, ...about }) => ({
    text: `${tagName(about)} does not exist. ${sayAlike(about, alike(about.tag, listed))}${listed.length === 0 ? 'The repository has no tags' : `The repository has: ${some(listed, SHOWN)}`}`,
    items: [tagName(about)],
  }),
  'tag-dangles': ({ scope, ...about }) => {
    const name = tagName(about)
    const way =
      scope === 'tag'
        ? 'Nothing can be pulled by it, but a push of the same manifest would bring it back. Delete the tag by hand'
        : `Name what it pointed to by digest (${name}@sha256:…), with its blobs in \`blobs\`. To remove the label as well, delete the tag by hand`
    return {
      text: `${name} is listed, but the registry does not know its manifest, so the label dangles. ${way}, or on distribution 2.x remove this key from the storage, under its root:\n  ${storageKey(about)}`,
      items: [name],
    }
  },
  'tag-unreadable': ({ why, furtherTags, ...about }) => ({
    text: `${tagName(about)} (${furtherTags === 'run-again' ? 'selected by the cleanup' : 'named in `image`'}) cannot be read: ${sayUnreadManifest(why)}`,
    items: [tagName(about)],
  }),
  'tag-elsewhere': ({ digest, written, scope, ...about }) => {
    const name = tagName(about)
    const content = contentName({ ...about, digest: written })
    const way =
      scope === 'tag'
        ? `To remove the label whatever it points to, name it without a digest:\n  ${name}`
        : `If that digest is what leaked, name it without the tag, which then stays:\n  ${content}`
    return { text: `${name} points to ${digest}, not to ${written}.\n${way}`, items: [name, content] }
  },
  'tag-unlisted': (about) => ({
    text: `${tagName(about)} resolves, but the registry's tag list lacks it, so the list may lack tags that must stay. Nothing can be purged safely with a list that leaves out tags`,
    items: [tagName(about)],
  }),
  'manifest-absent': (about) => ({
    text: `${contentName(about)}${sayPart(about)} is gone already, or was never a manifest here, so its blobs are unknown. To purge and prove them, name them in \`blobs\`: the log or report of an earlier run, or a scanner, has them`,
    items: [contentName(about), 'blobs'],
  }),
  'manifest-unreadable': ({ why, ...about }) => ({
    text: `${contentName(about)}${sayPart(about)} cannot be read: ${sayUnreadManifest(why)}`,
    items: [contentName(about)],
  }),
  'manifest-schema1': (about) => ({
    text: `${contentName(about)}${sayPart(about)} came as a schema 1 manifest, although the request asked for other types: it may be a conversion of what is stored. Nothing can be purged safely by it`,
    items: [contentName(about)],
  }),
  'manifest-of-unknown-kind': (about) => ({
    text: `${contentName(about)}${sayPart(about)} is a manifest of a kind that this action does not know, so it is unknown what belongs to it. Delete it by hand, with what it needs, and run again`,
    items: [contentName(about)],
  }),
  'content-of-unknown-type': (about) => ({
    text: `${contentName(about)}${sayPart(about)} lists content whose media type is neither a manifest's nor a blob's, so it is unknown what belongs to it. Delete it by hand, with what it needs, and run again`,
    items: [contentName(about)],
  }),
  'empty-blob-named': (about) => ({
    text: `${contentName(about)} (named in \`image\`) is a well-known empty blob, not a manifest, and is never deleted. Remove it from \`image\``,
    items: [contentName(about)],
  }),
  'manifest-among-blobs': (about) => ({
    text: `${contentName(about)} (named in \`blobs\`) is a manifest, not a blob. Name it in \`image\` instead`,
    items: [contentName(about), 'blobs'],
  }),
  'named-but-needed': ({ by, tags, parents, together, ...about }) => {
    const { repository } = about
    const through = parents.map(({ kind, digest }) => `${kind} ${digest}`)
    const names = some(
      tags.map(({ tag }) => tag),
      SHOWN,
    )
    const where = through.length === 0 ? '' : ` (in the ${some(through, SHOWN)})`
    const needing = plural(tags.length, 'a remaining tag', `${tags.length} remaining tags`)
    const needed = `${contentName(about)} (${sayNaming(by, repository)}) is needed by ${needing}: ${names}${where}.`
    return {
      text: [`${needed} ${wayOut(by, repository)}`, ...sayTogether(together)].join('\n'),
      items: [contentName(about), ...tags.map(({ tag }) => tagName({ repository, tag }))],
    }
  },
}

/** @param near the tags whose names are like that of an absent one */
function sayAlike({ repository, tag }: { repository: Repository; tag: Tag }, near: readonly Tag[]): string {
  if (near.length === 0) return ''
  const names = near.map((each) => tagName({ repository, tag: each }))
  const isHelm = !tag.includes('_') && near.some((each) => each.includes('_'))
  const helm = isHelm ? ' Helm stores the + of a version as _.' : ''
  return `Did you mean ${names.slice(0, ALIKE).join(' or ')}?${helm} `
}

/** How to leave out something that a remaining tag needs. */
function wayOut(by: readonly NamedBy[], repository: Repository): string {
  const tags = by.flatMap((each) => ('tag' in each ? [tagName({ repository, tag: each.tag })] : []))
  if (by.some(({ is }) => is === 'selected')) return 'Run again: then that is taken into account'
  if (tags.length > 0)
    return `With \`scope: tag\` the run would remove only the label ${tags.join(', ')} and leave behind the manifest, so it could still be pulled.`
  const inputs = by.map(({ is }) => (is === 'blob' ? '`blobs`' : '`image`'))
  return `Leave it out of ${inputs.join(' and ')} if it may stay.`
}
