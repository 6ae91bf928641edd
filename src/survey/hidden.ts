import { cacheOf } from '../registry/cached.js'
import type { Client } from '../registry/client.js'
import { describe } from '../registry/errors.js'
import { each } from '../registry/limit.js'
import type { Repository } from '../oci/reference.js'
import type { Tag } from '../oci/tag.js'
import { parseJson } from './json.js'
import { hides, shapeOf } from './key-order.js'
import { ListError, StaleList, tagsOf, tagsOnPage } from './tags.js'

/** Listed tags that are asked behind if nothing tells whether the registry hides any. */
const UNTOLD = 100
/** Hidden tags of one repository. */
const MOST = 100_000

/** The `last` that starts right behind a tag's folder: `~` sorts behind every name in it. */
const behind = (tag: Tag): string => `${tag}/~`
/**
 * A `last` that tells how the registry walks: at a place inside the tag's folder, before anything in it. Distribution
 * cleans this path, but compares names with it as it is. So its walk over folders goes on behind the tag, and its walk
 * over S3 keys names the tag itself.
 */
const inside = (tag: Tag): string => `/${tag}/0/~`

/** What the registry names behind a place in its list. */
type Behind =
  | { readonly is: 'tag'; readonly tag: Tag }
  | { readonly is: 'end' }
  /** It names the whole list: it knows no pages (2.x). */
  | { readonly is: 'everything' }
  /** It does not take such a place, or answers with no list. */
  | { readonly is: 'refused'; readonly status: number; readonly why: string }

/**
 * Finds the tags of one repository that its tag list hides: distribution 3.1.0 and 3.1.1 on S3 leave out every name that
 * goes on a listed one with a digit, a letter or `_` (`v1` hides `v10`). One request a listed tag finds them, so they are
 * looked for only if the list can hide any.
 */
export class HiddenTags {
  readonly #client: Client
  readonly #repository: Repository
  readonly #width: number
  /** How this registry lists, once that is known. */
  #lists: 'whole' | 'by keys' | 'untold' | undefined
  #found: readonly Tag[] = []
  #unasked = 0

  /** @param width requests at a time */
  constructor(client: Client, repository: Repository, width: number) {
    this.#client = client
    this.#repository = repository
    this.#width = width
  }

  /** What was found behind the newest list, in no order. */
  get found(): readonly Tag[] {
    return this.#found
  }

  /** Tags of the newest list that were not asked behind, although the list may hide tags behind them. */
  get unasked(): number {
    return this.#unasked
  }

  /** Takes in that a tag resolves which a list does not name. @returns whether a listed tag may hide it */
  suspect(tag: Tag, listed: readonly Tag[]): boolean {
    if (!listed.some((each) => hides(each, tag))) return false
    this.#lists = 'by keys'
    return true
  }

  /**
   * Looks for tags that a list hides.
   *
   * @param listed the whole list, in the registry's order
   * @param pastCaches whether each request carries a query that no cache knows
   * @returns names that the list does not have; some may not resolve
   * @throws ListError, WireError
   */
  async behind(listed: readonly Tag[], pastCaches = false): Promise<readonly Tag[]> {
    this.#found = []
    this.#unasked = 0
    const asked = await this.#toAsk(listed, pastCaches)
    if (asked.length === 0) return []
    const known = new Set(listed)
    const found = new Set<Tag>()
    const [first, ...others] = asked
    const walk = async (from: Tag | undefined): Promise<void> => {
      // What is found may hide more, so the walk goes on from there.
      for (let at = from; at !== undefined && this.#lists !== 'whole' && this.#lists !== 'untold';) {
        const next: Behind = await this.#ask(behind(at), pastCaches)
        if (next.is === 'refused') this.#takeRefusal(next, found.size > 0)
        if (next.is === 'everything') this.#lists = 'whole'
        if (next.is !== 'tag' || known.has(next.tag) || found.has(next.tag)) return
        if (found.size === MOST)
          throw new ListError(`the tag list of ${this.#repository} hides more than ${MOST} tags`)
        found.add(next.tag)
        if (hides(at, next.tag)) this.#lists = 'by keys'
        at = next.tag
      }
    }
    // The first one may tell that there is no use in asking behind the others.
    await walk(first)
    await each(others, this.#width, walk)
    this.#found = [...found]
    if (this.#lists === 'whole') this.#unasked = 0
    if (this.#lists === 'untold') this.#unasked = listed.length
    // What the first tags hide tells that the others may hide tags as well.
    return this.#unasked > 0 && this.#lists === 'by keys' ? this.behind(listed, pastCaches) : this.#found
  }

  /** @returns the listed tags behind which tags may be hidden */
  async #toAsk(listed: readonly Tag[], pastCaches: boolean): Promise<readonly Tag[]> {
    if (this.#lists === 'by keys' || listed.length === 0) return listed
    const shape = shapeOf(listed)
    if (shape === 'keys') this.#lists = 'by keys'
    if (shape === 'whole') this.#lists = 'whole'
    this.#lists ??= await this.#howItLists(listed, pastCaches)
    if (this.#lists === 'whole') return []
    if (this.#lists === 'untold') {
      this.#unasked = listed.length
      return []
    }
    if (this.#lists !== undefined || this.#client.redirectsBlobs) return listed
    this.#unasked = Math.max(0, listed.length - UNTOLD)
    return listed.slice(0, UNTOLD)
  }

  /**
   * Finds out by one request how the registry lists. The place is so chosen that each walk names another tag: the tag
   * itself (over S3 keys), the one after it (over folders, 3.1.1), the second of all (3.0.0), or everything (2.x).
   *
   * @returns undefined if the response fits none of them
   */
  async #howItLists(listed: readonly Tag[], pastCaches: boolean): Promise<'whole' | 'by keys' | undefined> {
    const at = listed.length > 3 ? 2 : 0
    const [tag, next] = listed.slice(at)
    if (tag === undefined || next === undefined) return undefined
    const named = await this.#ask(inside(tag), pastCaches)
    if (named.is === 'everything') return 'whole'
    if (named.is !== 'tag') return undefined
    if (named.tag === next || named.tag === listed[1]) return 'whole'
    return at > 0 && named.tag === tag ? 'by keys' : undefined
  }

  /**
   * A registry that hides tags takes every place, but something in front of it may not. Then nothing tells whether tags
   * are hidden, and that is said.
   *
   * @throws ListError if this registry is known to hide tags, or stores its blobs where it may
   */
  #takeRefusal({ why }: Behind & { readonly is: 'refused' }, foundAny: boolean): void {
    if (foundAny || this.#lists === 'by keys' || this.#client.redirectsBlobs)
      throw new ListError(`tags that the list of ${this.#repository} may hide cannot be asked for: ${why}`)
    this.#lists = 'untold'
  }

  async #ask(last: string, pastCaches: boolean): Promise<Behind> {
    const answer = pastCaches ? undefined : await this.#send(last)
    const fresh =
      answer === undefined || 'cache' in answer
        ? await this.#send(last, this.#client.newCacheBuster())
        : answer
    if ('cache' in fresh) throw new StaleList(this.#repository, `comes out of a cache (${fresh.cache})`)
    return fresh
  }

  async #send(last: string, cacheBuster?: string): Promise<Behind | { readonly cache: string }> {
    const reading = { purpose: 'list-tags', ...(cacheBuster !== undefined && { cacheBuster }) } as const
    const response = await this.#client.tagBehind(this.#repository, last, reading)
    const cache = cacheOf(response)
    if (cache !== undefined) return { cache }
    if (response.status === 429)
      throw new ListError(`the tag list of ${this.#repository} was answered with ${describe(response)}`)
    if (response.status !== 200 || response.cut || tagsOnPage(response.body) === undefined)
      return { is: 'refused', status: response.status, why: describe(response) }
    const [tag, ...more] = tagsOf(this.#repository, parseJson(response.body))
    if (more.length > 0) return { is: 'everything' }
    return tag === undefined ? { is: 'end' } : { is: 'tag', tag }
  }
}
