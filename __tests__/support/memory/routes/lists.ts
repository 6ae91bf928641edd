import { answer, failure, nextLink, type Answer } from '../answer.js'
import { nameUnknown, type Exchange } from '../exchange.js'
import type { Route } from '../request.js'
import { isOneOf } from './manifests.js'
import { followingFolders, followingKeys, followingNames } from './walk.js'

type TagsExchange = Exchange<Extract<Route, { kind: 'tags' }>>

const json = (value: object, headers: Record<string, string> = {}): Answer =>
  answer(200, { 'Content-Type': 'application/json', ...headers }, `${JSON.stringify(value)}\n`)

const badNumber = (n: number): Answer => failure(400, 'PAGINATION_NUMBER_INVALID', { detail: { n } })

/** Remembers what was answered once and not again. */
export class Lister {
  #missed = false

  tags(exchange: TagsExchange): Answer {
    const { store, options, route, query } = exchange
    const { repo } = route
    const stored = store.listed(repo)
    if (stored === undefined && !options.extraListed?.length) {
      return options.unknownIsEmpty === true ? json({ name: repo, tags: [] }) : nameUnknown(404, repo)
    }
    const extra = (options.extraListed ?? []).flatMap((name) => tagIn(name, repo) ?? [])
    const children = options.listsChildren === true ? untaggedChildren(exchange) : []
    const all = [...new Set([...(stored ?? []), ...extra, ...children])].filter(
      (tag) => !isOneOf(options.unlisted, repo, tag),
    )
    // 2.8 gives the order of its directory and knows no pages; anything but the order of bytes will do.
    if (options.dialect === '2.8' && options.paging === undefined) {
      return json({ name: repo, tags: all.length === 0 ? null : all.sort().reverse() })
    }
    if (options.emptyIsUnknown === true && all.length === 0) return nameUnknown(404, repo)
    all.sort()
    if (query.has('n') && options.refuseN === true) return badNumber(Number(query.get('n')))
    if (query.has('last') && options.paging?.missingOnce === true && !this.#missed) {
      this.#missed = true
      return answer(404)
    }
    return page(exchange, all)
  }
}

function untaggedChildren({ store, route: { repo } }: TagsExchange): string[] {
  const tagged = new Set(Object.values(store.snapshot()[repo]?.tags ?? {}))
  return store
    .manifests(repo)
    .map(({ digest }) => digest)
    .filter((digest) => !tagged.has(digest) && store.parentsOf(repo, digest).length > 0)
}

/** The tag in `tag` or `repository:tag`, if it is meant for this repository. */
function tagIn(name: string, repo: string): string | undefined {
  const colon = name.lastIndexOf(':')
  if (colon < 0) return name
  return name.slice(0, colon) === repo ? name.slice(colon + 1) : undefined
}

function page(exchange: TagsExchange, all: readonly string[]): Answer {
  const { query, options, route } = exchange
  const { paging } = options
  const empty = options.dialect === 'zot' || options.dialect === 'olareg' ? [] : null
  const wanted = query.get('n')
  const n = wanted === null ? Infinity : Number(wanted)
  if (Number.isNaN(n) || n < 0)
    return options.dialect === 'zot' ? answer(400) : badNumber(Number.isNaN(n) ? 0 : n)
  if (n === 0) return json({ name: route.repo, tags: [] })
  const size = Math.min(n, wanted === null ? Infinity : 1000, paging?.size ?? Infinity)
  const last = query.get('last')
  const walk =
    options.hidesTags === true
      ? followingKeys
      : options.dialect === 'zot' || options.dialect === 'olareg' || options.listsByNames === true
        ? followingNames
        : followingFolders
  const following = walk(all, last ?? '')
  const skip = paging?.goneLast === 'skips' && last !== null && !all.includes(last) ? 1 : 0
  const tags = following.slice(skip, skip + size)
  const more = skip + tags.length < following.length
  // 3.1.1 links on whenever a page is full, and so to an empty page behind the last one.
  const links = more || (paging === undefined ? tags.length === size : paging.emptyLast === true)
  const none = options.omitsEmptyTags === true ? {} : { tags: empty }
  const value = { name: route.repo, ...(tags.length === 0 ? none : { tags }) }
  const end = tags.at(-1)
  if (paging?.circle === true) return json(value, { Link: link(exchange, end ?? '', size) })
  if (paging?.target !== 'repeated' && (!links || end === undefined)) return json(value)
  const lastOf = paging?.target === 'repeated' ? all[size - 1] : end
  return json(value, { Link: link(exchange, lastOf ?? '', size) })
}

function link(exchange: TagsExchange, end: string, size: number): string {
  const { paging } = exchange.options
  const path = `/v2/${exchange.route.repo}/tags/list`
  const last = encodeURIComponent(end)
  const query = exchange.options.dialect === 'zot' ? `n=${size}&last=${last}` : `last=${last}&n=${size}`
  const origins = { absolute: exchange.origin, foreign: paging?.foreignOrigin ?? 'http://elsewhere.invalid' }
  const target = paging?.target ?? 'relative'
  const origin = target === 'absolute' || target === 'foreign' ? origins[target] : ''
  const unquoted = paging?.rel === undefined ? exchange.options.unquotedLinks : paging.rel === 'unquoted'
  const url = `${origin}${path}?${query}`
  return paging?.header?.(url) ?? nextLink(url, unquoted)
}

/** The catalog pages at 100 without `n`; 3.x names only repositories that ever held a manifest. */
export function catalog(exchange: Exchange): Answer {
  const { store, options, query } = exchange
  if (options.noCatalog === true) return answer(404)
  if (options.catalogOfKeys === true) return catalogOfKeys(exchange)
  const old = options.dialect === '2.8'
  const all = store.repositories().filter((repo) => old || store.hasManifests(repo))
  const n = Number(query.get('n') ?? 100)
  if (Number.isNaN(n) || n < 0 || n > 1000) return badNumber(n)
  const last = query.get('last') ?? ''
  const rest = all.filter((repo) => repo > last)
  const repositories = rest.slice(0, n)
  const end = repositories.at(-1)
  if (end === undefined || rest.length <= n) return json({ repositories })
  const target = `/v2/_catalog?last=${encodeURIComponent(end)}&n=${n}`
  return json({ repositories }, { Link: nextLink(target, options.unquotedLinks) })
}

function catalogOfKeys({ store, query, origin }: Exchange): Answer {
  const n = Number(query.get('n') ?? 1000)
  const last = (query.get('last') ?? '').replace(/\/manifests\/.*$/, '')
  const repositories = store
    .repositories()
    .filter((repo) => store.hasManifests(repo) && repo > last)
    .slice(0, n)
  const end = repositories.at(-1)
  const key = end === undefined ? '' : `${end}/manifests/${store.tags(end).at(-1) ?? 'x'}`
  const host = origin.replace(/:\d+$/, '')
  return json({ repositories }, { Link: `${host}/v2/_catalog?n=${n}&last=${key}; rel=next` })
}
