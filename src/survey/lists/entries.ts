import { parseDigest } from '../../oci/digest.js'
import type { Repository } from '../../oci/reference.js'
import { parseTag, type Tag } from '../../oci/tag.js'
import { quote } from '../../registry/decorators/quoted.js'
import type { Response } from '../../registry/send.js'
import { ListError } from '../errors.js'
import { parseJson } from '../json.js'

/** Entries that are not tags: how many a message shows, and how many characters of each. */
const SHOWN_ENTRIES = 5
const SHOWN_CHARACTERS = 100

/** @returns the entries that a page lists as tags, or undefined if it is not a tag list of this repository */
export function tagsOnPage(repository: Repository, body: Uint8Array): unknown[] | undefined {
  return tagsIn(repository, parseJson(body))
}

/**
 * Without the key `tags`, only an object with nothing but the name of the repository is a list: an empty one, as Go's
 * `omitempty` writes it. `{}`, or an object that says anything else, may come from something in front of the registry.
 * To take it for an empty list would hide every tag that must stay.
 */
function tagsIn(repository: Repository, body: unknown): unknown[] | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { tags, name } = body as { tags?: unknown; name?: unknown }
  // Distribution sends null for a repository whose last tag was deleted.
  if (tags === null) return []
  if (tags === undefined) return name === repository && Object.keys(body).length === 1 ? [] : undefined
  return Array.isArray(tags) ? tags : undefined
}

/**
 * @param response the response with the page, for what may be quoted of it
 * @param body the parsed page
 * @returns the tags on it
 * @throws ListError if it is not a tag list, or has entries that are not tags
 */
export function tagsOf(repository: Repository, response: Response, body: unknown): Tag[] {
  const others = new OtherNames(repository)
  const tags = others.tagsOf(response, body)
  others.throwIfAny()
  return tags
}

/**
 * The entries of a tag list that are not tags. Artifactory lists each child manifest of an index, as `sha256:<hex>`. The
 * registry may keep content under such a name, and nothing tells what it needs.
 */
export class OtherNames {
  readonly repository: Repository
  #count = 0
  #digests = 0
  readonly #entries: string[] = []

  constructor(repository: Repository) {
    this.repository = repository
  }

  /** @returns the tags on a page, whose other entries are added @throws ListError if it is not a tag list */
  tagsOf(response: Response, body: unknown): Tag[] {
    const { repository } = this
    const entries = tagsIn(repository, body)
    if (entries === undefined) throw new ListError({ kind: 'tag-list-invalid', repository })
    return entries.flatMap((entry) => parseTag(entry) ?? this.#add(response, entry))
  }

  throwIfAny(): void {
    if (this.#count === 0) return
    throw new ListError({
      kind: 'tag-list-has-other-names',
      repository: this.repository,
      entries: this.#entries,
      count: this.#count,
      digests: this.#digests === this.#count,
    })
  }

  #add(response: Response, entry: unknown): [] {
    this.#count++
    if (parseDigest(entry) !== undefined) this.#digests++
    if (this.#entries.length === SHOWN_ENTRIES) return []
    const text = JSON.stringify(typeof entry === 'string' ? quote(response, entry) : entry)
    this.#entries.push(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text)
    return []
  }
}
