import type { Repository } from '../../oci/reference.js'
import type { Tag } from '../../oci/tag.js'
import { cacheOf } from '../../registry/cached.js'
import { describe } from '../../registry/errors.js'
import { each } from '../../registry/limit.js'
import { ListError, StaleList } from '../errors.js'
import type { Tools } from '../tools.js'
import { parseJson } from '../json.js'
import { tagsOf, tagsOnPage } from './entries.js'
import { hides, shapeOf } from './key-order.js'
import { pastCaches, type Cached } from './pages.js'

/** The most listed tags to search behind if it is unknown whether the registry hides any. */
const MOST_UNSURE = 100
/** The most hidden tags of one repository. */
const MOST = 100_000

/** The `last` that starts right behind a tag's folder: `~` sorts behind every name in it. */
const behind = (tag: Tag): string => `${tag}/~`
/**
 * A `last` inside the tag's folder, before anything in it. The response to it shows how the registry walks. Distribution
 * cleans this path, but compares names with the path before that. So its walk over folders continues behind the tag, and
 * its walk over S3 keys names the tag itself.
 */
const inside = (tag: Tag): string => `/${tag}/0/~`

/** The response for a place in the list: the next tag, if there is one. */
type Behind =
  | { readonly is: 'tag'; readonly tag: Tag }
  | { readonly is: 'end' }
  /** The whole list: this registry has no pages (2.x). */
  | { readonly is: 'everything' }
  /** The registry refuses such a place, or the response is not a list. */
  | { readonly is: 'refused'; readonly answered: string }

/**
 * Finds the tags of one repository that its tag list hides. Distribution 3.1.0 and 3.1.1 on S3 leave out every name that
 * continues a listed one with a digit, a letter or `_` (`v1` hides `v10`). The search takes one request for each listed
 * tag, so it runs only if the list can hide any.
 */
export class HiddenTags {
  readonly #tools: Pick<Tools, 'client' | 'width'>
  readonly #repository: Repository
  /** How this registry lists tags; undefined until that is found out. */
  #lists: 'whole' | 'by keys' | 'unknown' | undefined
  #found: readonly Tag[] = []
  #skipped = 0

  constructor(tools: Pick<Tools, 'client' | 'width'>, repository: Repository) {
    this.#tools = tools
    this.#repository = repository
  }

  /** The tags that the newest list hides, in no order. */
  get found(): readonly Tag[] {
    return this.#found
  }

  /** How many tags of the newest list may hide other tags that were not searched for. */
  get skipped(): number {
    return this.#skipped
  }

  /** Notes that a tag resolves but is not listed. @returns whether a listed tag may hide it */
  suspect(tag: Tag, listed: readonly Tag[]): boolean {
    if (!listed.some((each) => hides(each, tag))) return false
    this.#lists = 'by keys'
    return true
  }

  /**
   * Searches for tags that a list hides.
   *
   * @param listed the whole list, in the registry's order
   * @param pastAllCaches whether each request has a query string that no cache has seen
   * @returns names that the list does not have; some may not resolve
   * @throws ListError, WireError
   */
  async search(listed: readonly Tag[], pastAllCaches = false): Promise<readonly Tag[]> {
    this.#found = []
    this.#skipped = 0
    const starts = await this.#startsIn(listed, pastAllCaches)
    if (starts.length === 0) return []
    const known = new Set(listed)
    const found = new Set<Tag>()
    const walk = (start: Tag): Promise<void> => this.#walk(start, known, found, pastAllCaches)
    const [first, ...others] = starts
    // The first response may show that the registry hides no tags.
    if (first !== undefined) await walk(first)
    await each(others, this.#tools.width, walk)
    this.#found = [...found]
    if (this.#lists === 'whole') this.#skipped = 0
    if (this.#lists === 'unknown') this.#skipped = listed.length
    // If the first tags hide others, the rest may hide tags as well.
    return this.#skipped > 0 && this.#lists === 'by keys' ? this.search(listed, pastAllCaches) : this.#found
  }

  /** Adds the tags that are hidden behind a tag, and those behind each tag that is found. */
  async #walk(start: Tag, known: ReadonlySet<Tag>, found: Set<Tag>, pastAllCaches: boolean): Promise<void> {
    for (let at = start; this.#lists !== 'whole' && this.#lists !== 'unknown';) {
      const next = await this.#request(behind(at), pastAllCaches)
      if (next.is === 'refused') this.#takeRefusal(next.answered, found.size > 0)
      if (next.is === 'everything') this.#lists = 'whole'
      if (next.is !== 'tag' || known.has(next.tag) || found.has(next.tag)) return
      if (found.size === MOST)
        throw new ListError({ kind: 'too-many-hidden-tags', repository: this.#repository, most: MOST })
      found.add(next.tag)
      if (hides(at, next.tag)) this.#lists = 'by keys'
      at = next.tag
    }
  }

  /** @returns the listed tags behind which tags may be hidden */
  async #startsIn(listed: readonly Tag[], pastAllCaches: boolean): Promise<readonly Tag[]> {
    if (this.#lists === 'by keys' || listed.length === 0) return listed
    const shape = shapeOf(listed)
    if (shape === 'keys') this.#lists = 'by keys'
    if (shape === 'whole') this.#lists = 'whole'
    this.#lists ??= await this.#howItLists(listed, pastAllCaches)
    if (this.#lists === 'whole') return []
    if (this.#lists === 'unknown') {
      this.#skipped = listed.length
      return []
    }
    if (this.#lists !== undefined || this.#tools.client.redirectsBlobs) return listed
    this.#skipped = Math.max(0, listed.length - MOST_UNSURE)
    return listed.slice(0, MOST_UNSURE)
  }

  /**
   * Finds out by one request how the registry lists tags. The response depends on the kind of walk: the tag itself (over
   * S3 keys), the next tag (over folders, 3.1.1), the second tag of the list (3.0.0), or every tag (2.x).
   *
   * @returns undefined if the response is none of these
   */
  async #howItLists(
    listed: readonly Tag[],
    pastAllCaches: boolean,
  ): Promise<'whole' | 'by keys' | undefined> {
    const at = listed.length > 3 ? 2 : 0
    const [tag, next] = listed.slice(at)
    if (tag === undefined || next === undefined) return undefined
    const named = await this.#request(inside(tag), pastAllCaches)
    if (named.is === 'everything') return 'whole'
    if (named.is !== 'tag') return undefined
    if (named.tag === next || named.tag === listed[1]) return 'whole'
    return at > 0 && named.tag === tag ? 'by keys' : undefined
  }

  /**
   * Handles a refused request. A registry that hides tags accepts every place, but something in front of it may refuse
   * one. Then it is unknown whether tags are hidden, and a remark warns the user.
   *
   * @throws ListError if this registry is known to hide tags, or stores its blobs where it may
   */
  #takeRefusal(answered: string, foundAny: boolean): void {
    if (foundAny || this.#lists === 'by keys' || this.#tools.client.redirectsBlobs)
      throw new ListError({ kind: 'hidden-tags-refused', repository: this.#repository, answered })
    this.#lists = 'unknown'
  }

  async #request(last: string, pastAllCaches: boolean): Promise<Behind> {
    const send = (cacheBuster: string | undefined): Promise<Behind | Cached> => this.#send(last, cacheBuster)
    const named = await pastCaches(this.#tools.client, send, pastAllCaches)
    if (named.is === 'cached')
      throw new StaleList({ kind: 'tag-list-stale', repository: this.#repository, sign: named })
    return named
  }

  async #send(last: string, cacheBuster: string | undefined): Promise<Behind | Cached> {
    const repository = this.#repository
    const reading = { purpose: 'list-tags', ...(cacheBuster !== undefined && { cacheBuster }) } as const
    const response = await this.#tools.client.tagBehind(repository, last, reading)
    const cache = cacheOf(response)
    if (cache !== undefined) return { is: 'cached', cache }
    if (response.status === 429)
      throw new ListError({ kind: 'tag-list-refused', repository, answered: describe(response) })
    if (response.status !== 200 || response.cut || tagsOnPage(repository, response.body) === undefined)
      return { is: 'refused', answered: describe(response) }
    const [tag, ...more] = tagsOf(repository, response, parseJson(response.body))
    if (more.length > 0) return { is: 'everything' }
    return tag === undefined ? { is: 'end' } : { is: 'tag', tag }
  }
}
