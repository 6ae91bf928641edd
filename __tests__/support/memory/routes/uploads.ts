import { randomUUID } from 'node:crypto'
import { digestOf } from '../../../../testbed/images/content.js'
import { answer, failure, type Answer } from '../answer.js'
import type { Exchange } from '../exchange.js'
import type { Route } from '../request.js'

type UploadExchange = Exchange<Extract<Route, { kind: 'upload' }>>

/** What stands before the path of an upload that goes on. */
function base({ options, origin, storageOrigin }: UploadExchange): string {
  if (options.uploadLocation === 'relative') return ''
  return options.uploadLocation === 'foreign' ? storageOrigin : origin
}

/** Blob uploads: POST starts (or mounts), PATCH adds, PUT ends. */
export class Uploads {
  readonly #bytes = new Map<string, Buffer>()

  handle(exchange: UploadExchange): Answer {
    const { request, route } = exchange
    if (request.method === 'POST' && route.reference === '') return this.#start(exchange)
    const begun = this.#bytes.get(route.reference)
    if (begun === undefined) return failure(404, 'BLOB_UPLOAD_UNKNOWN')
    const bytes = Buffer.concat([begun, request.body])
    if (request.method === 'PUT') return this.#end(exchange, bytes)
    if (request.method !== 'PATCH') return failure(404, 'BLOB_UPLOAD_UNKNOWN')
    this.#bytes.set(route.reference, bytes)
    return this.#going(exchange, route.reference, bytes.length)
  }

  #start(exchange: UploadExchange): Answer {
    const { query, store, route, replica, request } = exchange
    const mount = query.get('mount')
    const from = query.get('from')
    // A replica that still knows a deleted blob lets it be mounted.
    const served =
      from !== null && mount !== null && (store.hasBlob(from, mount) || replica.knows(from, mount))
    if (served && store.content(mount) !== undefined) {
      store.linkBlob(route.repo, mount)
      return this.#created(exchange, mount)
    }
    const whole = query.get('digest')
    const id = randomUUID()
    if (whole !== null) return this.#end(exchange, request.body)
    this.#bytes.set(id, Buffer.alloc(0))
    return this.#going(exchange, id, 0)
  }

  #end(exchange: UploadExchange, bytes: Buffer): Answer {
    const { store, route, query, options } = exchange
    const digest = query.get('digest') ?? ''
    const algorithm = digest.startsWith('sha512:') ? 'sha512' : 'sha256'
    if (digestOf(bytes, algorithm) !== digest) {
      const text = `invalid digest for referenced layer: ${digest}, content does not match digest`
      const detail = options.dialect === '2.8' ? { Digest: digest, Reason: {} } : text
      return failure(400, 'DIGEST_INVALID', { detail })
    }
    this.#bytes.delete(route.reference)
    store.putBlob(route.repo, bytes, algorithm)
    return this.#created(exchange, digestOf(bytes))
  }

  #created({ origin, route, replica }: UploadExchange, digest: string): Answer {
    replica.learn(route.repo, digest)
    return answer(201, {
      Location: `${origin}/v2/${route.repo}/blobs/${digest}`,
      'Docker-Content-Digest': digest,
    })
  }

  #going(exchange: UploadExchange, id: string, length: number): Answer {
    const { route } = exchange
    return answer(202, {
      Location: `${base(exchange)}/v2/${route.repo}/blobs/uploads/${id}?_state=none`,
      'Docker-Upload-UUID': id,
      Range: `0-${Math.max(length - 1, 0)}`,
    })
  }
}
