import { failure, noSuchEndpoint, type Answer } from '../answer.js'
import { nameUnknown, type Exchange } from '../exchange.js'
import { challenge } from './access.js'

/** What befalls a request before it is understood. */
export function trouble(exchange: Exchange): Answer | undefined {
  const { options, request, route, store } = exchange
  const { tooMany } = options
  if (tooMany !== undefined && tooMany.times > 0 && (tooMany.match?.(request) ?? true)) {
    tooMany.times -= 1
    const headers = tooMany.retryAfter === undefined ? {} : { 'Retry-After': tooMany.retryAfter }
    return failure(429, 'TOOMANYREQUESTS', { headers })
  }
  switch (options.blanket?.(request, store)) {
    case 'all-401':
      return challenge(exchange, 'pull', 'repo' in route ? route.repo : undefined)
    case 'all-404':
      return gone(exchange)
    case 'blobs-404':
      return route.kind === 'blob' ? gone(exchange) : undefined
    default:
      return undefined
  }
}

function gone({ route }: Exchange): Answer {
  if (route.kind === 'blob') return failure(404, 'BLOB_UNKNOWN')
  if (route.kind === 'manifest') return failure(404, 'MANIFEST_UNKNOWN')
  return 'repo' in route ? nameUnknown(404, route.repo) : noSuchEndpoint()
}
