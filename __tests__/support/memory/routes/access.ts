import { answer, failure, type Answer } from '../answer.js'
import type { Exchange } from '../exchange.js'
import type { Access } from '../options.js'
import { looksLikeDigest, type Route } from '../request.js'

const ACTIONS: Readonly<Record<string, Access['action']>> = { GET: 'pull', HEAD: 'pull', DELETE: 'delete' }

/** Whether the caller may do this; an answer says that it may not. It comes before deletion is looked at at all. */
export function denied(exchange: Exchange): Answer | undefined {
  const { options, request, route } = exchange
  const user = authenticated(exchange)
  const action = route.kind === 'catalog' ? 'catalog' : (ACTIONS[request.method] ?? 'push')
  const repo = 'repo' in route ? route.repo : undefined
  if (options.users !== undefined && user === undefined) return challenge(exchange, action, repo)
  switch (options.permissions?.({ user, action, kind: kindOf(route), repo, request })) {
    case 401:
      return challenge(exchange, action, repo)
    case 403:
      return failure(403, 'DENIED')
    default:
      return undefined
  }
}

function authenticated({ options, request }: Exchange): string | undefined {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ')
  if (scheme.toLowerCase() !== 'basic') return undefined
  const credentials = Buffer.from(value, 'base64').toString()
  const colon = credentials.indexOf(':')
  const user = credentials.slice(0, colon)
  const { users } = options
  return users?.[user] === credentials.slice(colon + 1) ? user : undefined
}

function kindOf(route: Route): Access['kind'] {
  if (route.kind === 'blob' || route.kind === 'upload') return 'blob'
  if (route.kind === 'gitlab-tag') return 'tag'
  if (route.kind !== 'manifest') return undefined
  return looksLikeDigest(route.reference) ? 'manifest' : 'tag'
}

export function challenge({ options }: Exchange, action: Access['action'], repo: string | undefined): Answer {
  if (options.dialect === 'zot') {
    return answer(
      401,
      { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Basic realm="Authorization Required"' },
      JSON.stringify({ code: 'UNAUTHORIZED', message: 'authentication required' }),
    )
  }
  const wanted =
    repo !== undefined
      ? [{ Type: 'repository', Class: '', Name: repo, Action: action }]
      : action === 'catalog'
        ? [{ Type: 'registry', Class: '', Name: 'catalog', Action: '*' }]
        : null
  const headers = { 'WWW-Authenticate': `Basic realm="${options.realm ?? 'test'}"` }
  return failure(401, 'UNAUTHORIZED', { detail: wanted, headers })
}
