import { parseDigest, type Digest } from './digest.js'
import type { Parsed } from './parsed.js'
import { parseTag, storedByHelm, type Tag } from './tag.js'

/** A repository name that matches the grammar of the specification, so it needs no escapes in a URL. */
export type Repository = string & { readonly __repository: unique symbol }

/** The parts of a reference from the user. It has a tag, a digest or both. */
export interface Reference {
  readonly host?: string
  readonly repository: Repository
  readonly tag?: Tag
  readonly digest?: Digest
}

/** OCI distribution-spec 1.1: the grammar of `<name>`. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
/** Characters, at most: the limit of common clients. The specification has none. */
const REPOSITORY_LENGTH = 255

/** @returns the repository name, or undefined if `text` does not match the grammar */
export function parseRepository(text: string): Repository | undefined {
  return text.length <= REPOSITORY_LENGTH && REPOSITORY.test(text) ? (text as Repository) : undefined
}

/**
 * Splits a reference into its parts: `[host/]repository[:tag][@digest]`.
 *
 * @param text the reference, without white space around it
 * @param isHost decides whether a first component with a dot is a host. Not called for a component with a colon or for
 *   `localhost`, which are always hosts
 */
export function parseReference(text: string, isHost: (component: string) => boolean): Parsed<Reference> {
  if (text.includes('://')) return { wrong: 'write the host without a scheme' }
  const at = text.indexOf('@')
  const name = at < 0 ? text : text.slice(0, at)
  const digest = at < 0 ? undefined : parseDigest(text.slice(at + 1))
  if (at >= 0 && digest === undefined)
    return { wrong: 'the digest must be sha256: and 64 lower-case hex digits' }

  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hosted =
    first !== '' && (first.includes(':') || first === 'localhost' || (first.includes('.') && isHost(first)))
  const path = hosted ? name.slice(slash + 1) : name

  const colon = path.indexOf(':')
  const repository = parseRepository(colon < 0 ? path : path.slice(0, colon))
  if (repository === undefined)
    return { wrong: 'the repository is not a valid name (lower-case letters, digits, . _ - and /)' }
  const written = colon < 0 ? undefined : path.slice(colon + 1)
  const tag = parseTag(written)
  if (written !== undefined && tag === undefined)
    return {
      wrong: tagProblem(written, text.slice(0, name.length - written.length), text.slice(name.length)),
    }
  if (tag === undefined && digest === undefined) return { wrong: 'neither a tag nor a digest is given' }
  const reference: Reference = {
    repository,
    ...(hosted && { host: first }),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  }
  return { value: reference }
}

/** @param before the text in front of the tag @param after the text behind it */
function tagProblem(tag: string, before: string, after: string): string {
  const stored = storedByHelm(tag)
  return stored === undefined
    ? 'the tag is not a valid name (letters, digits, . _ -, at most 128)'
    : `no tag can hold a +, which Helm stores as _, so the reference of such a chart is \`${before}${stored}${after}\``
}
