import { digestOf } from '../../../../testbed/images/content.js'
import { answer, type Answer } from '../answer.js'
import { blobUnknown, malformedBlob, type BlobExchange } from '../exchange.js'
import { isDigest } from '../request.js'

/** GET and HEAD of a blob. */
export function readBlob(exchange: BlobExchange): Answer {
  const { store, options, route, replica, request } = exchange
  const { repo, reference: digest } = route
  if (!isDigest(digest)) return malformedBlob(exchange)
  const bytes = store.content(digest)
  const ranged = request.headers.range !== undefined
  const revives = options.headRevives === true || (options.dedupe === true && store.isLinked(digest))
  if (revives && bytes !== undefined && (request.method === 'HEAD' || ranged)) store.linkBlob(repo, digest)

  // A warm replica looks no further than its cache: it serves what was unlinked, and promises what is gone.
  const cached = replica.knows(repo, digest)
  const manifest = options.dialect === 'zot' && store.linksManifest(repo, digest)
  if (!cached && !(bytes !== undefined && (store.linksBlob(repo, digest) || manifest)))
    return blobUnknown(exchange)
  if (bytes === undefined) return staleBlob(exchange, digest, store.size(digest))
  replica.learn(repo, digest)
  const { redirectBlobs = false } = options
  if (redirectBlobs !== false) {
    const origin = redirectBlobs === true ? exchange.storageOrigin : redirectBlobs
    const location = `${origin}/${digest}?signature=for-the-holder-only`
    return answer(307, { Location: location, 'Content-Type': 'text/html; charset=utf-8' })
  }
  return serve(exchange, digest, bytes)
}

/** A cached descriptor for content that is gone: the headers of the whole, no byte of it, and a dropped connection. */
export const staleBlob = (exchange: BlobExchange, digest: string, size: number): Answer =>
  answer(200, blobHeaders(exchange, digest), Buffer.alloc(Math.max(size, 1)), 0)

const blobHeaders = (exchange: BlobExchange, digest: string): Record<string, string> => ({
  'Content-Type': 'application/octet-stream',
  'Docker-Content-Digest': digest,
  'Accept-Ranges': 'bytes',
  ...(exchange.options.dialect === 'zot' ? {} : { Etag: `"${digest}"`, 'Cache-Control': 'max-age=31536000' }),
})

function serve(exchange: BlobExchange, digest: string, bytes: Buffer): Answer {
  // What was pushed by sha512 is told by its canonical sha256 digest.
  const canonical = digest.startsWith('sha512:') ? digestOf(bytes) : digest
  const { range, 'if-none-match': known } = exchange.request.headers
  if (known === `"${canonical}"`) {
    return answer(304, {
      Etag: known,
      'Docker-Content-Digest': canonical,
      'Cache-Control': 'max-age=31536000',
    })
  }
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  const whole = from === undefined
  const last = Math.min(to === undefined || to === '' ? Infinity : Number(to), bytes.length - 1)
  const part = whole ? bytes : bytes.subarray(Number(from), last + 1)
  const headers = {
    ...blobHeaders(exchange, canonical),
    ...(whole ? {} : { 'Content-Range': `bytes ${from}-${last}/${bytes.length}` }),
  }
  return answer(whole ? 200 : 206, headers, part)
}
