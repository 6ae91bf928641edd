import type { Repository } from '../../../oci/reference.js'
import type { NamedBy, PartOf } from '../../../plan/naming.js'
import { some } from '../../text.js'
import { contentName, tagName } from '../names.js'

/** How many names of one thing to say. */
const SHOWN = 3

/** @returns how content was named, such as "the manifest of acme/app:leak in `image`", to stand in brackets */
export function sayNaming(by: readonly NamedBy[], repository: Repository): string {
  const tags = (wanted: NamedBy['is']): string[] =>
    by.flatMap((each) =>
      each.is === wanted && 'tag' in each ? [tagName({ repository, tag: each.tag })] : [],
    )
  const [named, selected] = [tags('tag'), tags('selected')]
  return [
    ...(named.length === 0 ? [] : [`the manifest of ${some(named, SHOWN)} in \`image\``]),
    ...(selected.length === 0 ? [] : [`the manifest of ${some(selected, SHOWN)}, which the cleanup selects`]),
    ...(by.some(({ is }) => is === 'digest') ? ['named in `image`'] : []),
    ...(by.some(({ is }) => is === 'blob') ? ['named in `blobs`'] : []),
  ].join('; ')
}

/** @returns in brackets, how a manifest was named, or which named image it belongs to */
export function sayPart({
  repository,
  part,
}: {
  readonly repository: Repository
  readonly part: PartOf
}): string {
  const { itself, by } = part
  if (itself) return ` (${sayNaming(by, repository)})`
  return by.length === 0 ? ' (attached to the image)' : ` (it belongs to ${sayOwners(by, repository)})`
}

function sayOwners(by: readonly NamedBy[], repository: Repository): string {
  const names = by.flatMap((each) => {
    if ('tag' in each) return [tagName({ repository, tag: each.tag })]
    return each.is === 'digest' ? [contentName({ repository, digest: each.digest })] : []
  })
  const how = by.some(({ is }) => is === 'selected') ? ', which the cleanup selects' : ' in `image`'
  return `${some(names, SHOWN)}${how}`
}
