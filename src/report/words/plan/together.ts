import type { ImageEntry, Together } from '../../../plan/naming.js'
import { count, plural, some } from '../../text.js'
import { contentName, tagName } from '../names.js'

/** How many tags or manifests to name. */
const SHOWN = 20
/** How many attached tags to name: their names are long. */
const ALONG = 5

type Lines = Extract<Together, { is: 'lines' }>

/** @returns what has to be named together: what that would delete, and the lines to paste, last */
export function sayTogether(together: Together | undefined): string[] {
  if (together === undefined) return []
  return together.is === 'protected'
    ? [sayProtected(together)]
    : [sayLines(together), ...pasteLines(together)]
}

/** @returns the inputs that name all of it, as lines to paste. The entries that are missing come first */
export function pasteLines({ further, image, blobs }: Lines): string[] {
  return [
    'image: |',
    ...[...further, ...image].map((entry) => `  ${entryName(entry)}`),
    ...(blobs.length === 0 ? [] : ['blobs: |', ...blobs.map((blob) => `  ${contentName(blob)}`)]),
  ]
}

/** @returns the entry of `image` */
export function entryName({ repository, tag, digest }: ImageEntry): string {
  const name = tag === undefined ? repository : tagName({ repository, tag })
  return digest === undefined ? name : `${name}@${digest}`
}

/** @returns how many further tags and manifests go, if these lines are pasted, and which */
export function sayFurther({ further, along }: Lines): string {
  const tags = further.flatMap(({ repository, tag }) =>
    tag === undefined ? [] : [tagName({ repository, tag })],
  )
  const manifests = further.filter(({ tag }) => tag === undefined).map(entryName)
  const attached = along.map(tagName)
  return [
    ...(tags.length === 0 ? [] : [`${count(tags.length, 'further tag')} (${some(tags, SHOWN)})`]),
    ...(manifests.length === 0
      ? []
      : [`${count(manifests.length, 'further manifest')} (${some(manifests, SHOWN)})`]),
    ...(attached.length === 0
      ? []
      : [
          `${count(attached.length, 'tag')} attached to ${plural(further.length, 'it', 'them')} (${some(attached, ALONG)})`,
        ]),
  ].join(' and ')
}

function sayLines(lines: Lines): string {
  const { further, image, blobs, whole } = lines
  const inputs = blobs.length === 0 ? '`image`' : '`image` and `blobs`'
  const [{ repository } = { repository: '' }] = [...further, ...image]
  const where = whole ? `as ${inputs}` : `for ${repository}`
  const [all, first] =
    further.length === 1 ? ['it', 'first is'] : ['all of them', `first ${further.length} are`]
  return `To purge it, ${sayFurther(lines)} must be deleted as well. If ${all} may go, give these lines ${where}; the ${first} new:`
}

function sayProtected({ tags }: Extract<Together, { is: 'protected' }>): string {
  const names = some(
    tags.map((each) => `${tagName(each)} (by ${each.entry})`),
    SHOWN,
  )
  const [serve, they, them] =
    tags.length === 1 ? ['serves or needs', 'that tag', 'it'] : ['serve or need', 'those tags', 'them']
  return `\`protected-tags\` keeps ${names}, which ${serve} it, so it cannot be purged. If ${they} may go, take ${them} out of \`protected-tags\` and run again`
}
