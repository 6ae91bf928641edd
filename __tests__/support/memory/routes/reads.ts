import { answer, failure, given, type Answer, type Outcome } from '../answer.js'
import type { BlobExchange, ManifestExchange } from '../exchange.js'
import { schema1 } from '../schema1.js'
import type { ReadTwist } from '../twists.js'
import { staleBlob } from './blobs.js'

type ReadExchange = ManifestExchange | BlobExchange

function twistOf({ options, route, request }: ReadExchange): ReadTwist | undefined {
  const separator = route.reference.includes(':') ? '@' : ':'
  const entry =
    options.reads?.[`${route.repo}${separator}${route.reference}`] ?? options.reads?.[route.reference]
  return typeof entry === 'function' ? entry(request) : entry
}

export const staleTwist = (exchange: ReadExchange): boolean => twistOf(exchange) === 'stale-descriptor'

const CODES: Readonly<Record<number, string>> = {
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  404: 'MANIFEST_UNKNOWN',
  429: 'TOOMANYREQUESTS',
}

/** The answer to a GET or HEAD, as the options twist it. Lies are told only of what is there. */
export function twistRead(exchange: ReadExchange, truth: Answer): Outcome {
  const twist = twistOf(exchange)
  if (twist === undefined || twist === 'reset' || twist === 'hang') return twist ?? truth
  if (typeof twist === 'number') return failure(twist, CODES[twist] ?? 'UNKNOWN')
  if (typeof twist === 'object') return given(twist)
  return truth.status === 200 ? lie(exchange, truth, twist) : truth
}

function lie(exchange: ReadExchange, truth: Answer, twist: Extract<ReadTwist, string>): Answer {
  const { 'Docker-Content-Digest': digest = '', ...others } = truth.headers
  switch (twist) {
    case 'schema-1': {
      const { route, request } = exchange
      const from = { digest, mediaType: '', bytes: truth.body }
      return schema1(route.repo, route.reference, from, request.time)
    }
    case 'wrong-digest-header':
      return {
        ...truth,
        headers: { ...others, 'Docker-Content-Digest': `sha256:${'0123456789abcdef'.repeat(4)}` },
      }
    case 'no-digest-header':
      return { ...truth, headers: others }
    case 'wrong-body':
      // Still a manifest of the same meaning, so that nothing but its hash gives the lie away.
      return { ...truth, body: Buffer.concat([truth.body, Buffer.from('\n')]) }
    case 'cut-body':
      return { ...truth, cut: Math.floor(truth.body.length / 2) }
    case 'stale-descriptor':
      return exchange.route.kind === 'blob'
        ? staleBlob(exchange as BlobExchange, digest, truth.body.length)
        : { ...truth, cut: 0 }
    default:
      return answer(200, { 'Content-Type': 'text/html' }, '<!doctype html><title>Sign in</title>')
  }
}
