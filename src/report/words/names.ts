import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import type { TagAt } from '../../plan/problems/plan.js'

/** @returns `repository:tag` */
export function tagName({ repository, tag }: { readonly repository: Repository; readonly tag: Tag }): string {
  return `${repository}:${tag}`
}

/** @returns `repository@digest` */
export function contentName(content: { readonly repository: Repository; readonly digest: Digest }): string {
  return `${content.repository}@${content.digest}`
}

/** @returns lines for `image` that name these tags, with the digests that they resolve to */
export function linesFor(repository: Repository, tags: readonly TagAt[]): string[] {
  return tags.map(({ tag, digest }) => `  ${repository}:${tag}${digest === undefined ? '' : `@${digest}`}`)
}
