import { parseDigest, type Digest } from './digest.js'
import { parseTag, type Tag } from './tag.js'

/** A repository name that fits the grammar of the specification, so it can stand in a URL's path as it is. */
export type Repository = string & { readonly __repository: unique symbol }

/** A reference as the user wrote it, taken apart. At least one of `tag` and `digest` is there. */
export interface Reference {
  readonly host?: string
  readonly repository: Repository
  readonly tag?: Tag
  readonly digest?: Digest
}

/** OCI distribution-spec 1.1: the grammar of `<name>`; the length is the one that common clients keep to. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const REPOSITORY_LENGTH = 255

/** @returns the repository name, or undefined when `text` does not fit the grammar. */
export function parseRepository(text: string): Repository | undefined {
  return text.length <= REPOSITORY_LENGTH && REPOSITORY.test(text) ? (text as Repository) : undefined
}

/**
 * Takes a reference apart: `[host/]repository[:tag][@digest]`.
 *
 * @param text the reference, without white space around it
 * @param isHost tells of a first component that holds a dot whether it is a host; one with a colon, or `localhost`,
 *   always is
 * @returns the reference, or a sentence that says what is wrong
 */
export function parseReference(text: string, isHost: (component: string) => boolean): Reference | string {
  if (text.includes('://')) return 'write the host without a scheme'
  const at = text.indexOf('@')
  const name = at < 0 ? text : text.slice(0, at)
  const digest = at < 0 ? undefined : parseDigest(text.slice(at + 1))
  if (at >= 0 && digest === undefined) return 'the digest must be sha256: and 64 lower-case hex digits'

  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hosted =
    first !== '' && (first.includes(':') || first === 'localhost' || (first.includes('.') && isHost(first)))
  const path = hosted ? name.slice(slash + 1) : name

  const colon = path.indexOf(':')
  const repository = parseRepository(colon < 0 ? path : path.slice(0, colon))
  if (repository === undefined)
    return 'the repository is not a valid name (lower-case letters, digits, . _ - and /)'
  const tag = colon < 0 ? undefined : parseTag(path.slice(colon + 1))
  if (colon >= 0 && tag === undefined)
    return 'the tag is not a valid name (letters, digits, . _ -, at most 128)'
  if (tag === undefined && digest === undefined) return 'neither a tag nor a digest is given'
  return {
    repository,
    ...(hosted && { host: first }),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  }
}
