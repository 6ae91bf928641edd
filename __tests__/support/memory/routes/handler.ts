import { answer, failure, methodNotAllowed, noSuchEndpoint, type Answer, type Outcome } from '../answer.js'
import type { BlobExchange, Exchange, ManifestExchange } from '../exchange.js'
import type { Route } from '../request.js'
import { denied } from './access.js'
import { readBlob } from './blobs.js'
import { deleteBlob, deleteGitlabTag, deleteManifest } from './deletes.js'
import { dress } from './dress.js'
import { catalog, Lister } from './lists.js'
import { readManifest, untwin } from './manifests.js'
import { Performer } from './performer.js'
import { putManifest } from './pushes.js'
import { twistRead } from './reads.js'
import { referrers, referrersOf } from './referrers.js'
import { trouble } from './trouble.js'
import { Uploads } from './uploads.js'

type At<K extends Route['kind']> = Exchange<Extract<Route, { kind: K }>>

/** What a registry says to one request. `undefined`: it has no such path, and a test has gone astray. */
export class Handler {
  readonly #performer = new Performer()
  readonly #lister = new Lister()
  readonly #uploads = new Uploads()

  handle(exchange: Exchange): Outcome | undefined {
    this.#performer.settle(exchange.request.time)
    const outcome = trouble(exchange) ?? this.#route(exchange)
    return outcome === undefined || typeof outcome === 'string' ? outcome : dress(exchange, outcome)
  }

  #route(exchange: Exchange): Outcome | undefined {
    const { kind } = exchange.route
    if (kind === 'unknown')
      return exchange.request.path === '/v2' ? answer(301, { Location: '/v2/' }) : undefined
    // Where the route is missing, authentication never runs.
    if (kind === 'referrers' && referrersOf(exchange) === false) return noSuchEndpoint()
    if (kind === 'gitlab-tag' && exchange.options.gitlab !== true) return noSuchEndpoint()
    return denied(exchange) ?? this.#endpoint(exchange)
  }

  #endpoint(exchange: Exchange): Outcome | undefined {
    const { method } = exchange.request
    const read = method === 'GET' || method === 'HEAD'
    switch (exchange.route.kind) {
      case 'ping':
        return read ? ping(exchange) : undefined
      case 'catalog':
        return method === 'GET' ? catalog(exchange) : undefined
      case 'tags':
        if (method === 'HEAD' && exchange.options.dialect !== 'olareg') return methodNotAllowed('GET')
        return read ? this.#lister.tags(exchange as At<'tags'>) : undefined
      case 'gitlab-tag':
        return method === 'DELETE'
          ? deleteGitlabTag(exchange as ManifestExchange, this.#performer)
          : undefined
      case 'manifest':
        return this.#manifest(exchange as ManifestExchange, read)
      case 'blob':
        if (method === 'DELETE') return deleteBlob(exchange as BlobExchange, this.#performer)
        return read ? twistRead(exchange as BlobExchange, readBlob(exchange as BlobExchange)) : undefined
      case 'referrers':
        return read ? referrers(exchange as At<'referrers'>) : undefined
      case 'upload':
        return read ? undefined : (unwritable(exchange) ?? this.#uploads.handle(exchange as At<'upload'>))
      default:
        return undefined
    }
  }

  #manifest(exchange: ManifestExchange, read: boolean): Outcome | undefined {
    const { method } = exchange.request
    const known = untwin(exchange)
    if (read) return twistRead(known, readManifest(known))
    if (method === 'DELETE') return deleteManifest(known, this.#performer)
    return method === 'PUT' ? (unwritable(exchange) ?? putManifest(exchange)) : undefined
  }
}

function ping({ options }: Exchange): Answer {
  return options.dialect === 'zot' ? answer(200) : answer(200, { 'Content-Type': 'application/json' }, '{}')
}

function unwritable({ options }: Exchange): Answer | undefined {
  if (options.readOnly === true) return methodNotAllowed('GET, HEAD')
  return options.pullThrough === true ? failure(405, 'UNSUPPORTED') : undefined
}
