import type { Digest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'

/** @returns `repository:tag` */
export function tagName({ repository, tag }: { readonly repository: Repository; readonly tag: Tag }): string {
  return `${repository}:${tag}`
}

/** @returns `repository@digest` */
export function contentName(content: { readonly repository: Repository; readonly digest: Digest }): string {
  return `${content.repository}@${content.digest}`
}

/** @returns the key of a tag in the storage of distribution, below the storage's root */
export function storageKey({
  repository,
  tag,
}: {
  readonly repository: string
  readonly tag: string
}): string {
  return `docker/registry/v2/repositories/${repository}/_manifests/tags/${tag}/current/link`
}
