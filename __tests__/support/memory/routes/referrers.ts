import { parseManifest } from '../../../../testbed/images/manifest.js'
import { OCI_INDEX } from '../../../../testbed/images/media-types.js'
import { answer, failure, given, nextLink, noSuchEndpoint, type Answer, type Outcome } from '../answer.js'
import type { Exchange } from '../exchange.js'
import type { MemoryOptions, Referrer } from '../options.js'
import { isDigest, type Route } from '../request.js'
import type { MemoryStore } from '../store.js'

type ReferrersExchange = Exchange<Extract<Route, { kind: 'referrers' }>>

/** Where the entries come from; false where there is no such endpoint. */
export const referrersOf = ({ options }: Exchange): Exclude<MemoryOptions['referrers'], undefined> =>
  options.referrers ?? options.dialect === 'zot'

/** distribution has no such endpoint; olareg and zot answer with an index, an empty one for what they do not know. */
export function referrers(exchange: ReferrersExchange): Outcome {
  const { options, route, query } = exchange
  const page = Math.floor(Number(query.get('from') ?? 0) / (options.referrersPageSize ?? Infinity)) + 1
  const twist = options.referrersTwist?.(route.repo, route.reference, page)
  if (twist !== undefined) return typeof twist === 'string' ? twist : given(twist)
  return pageOf(exchange)
}

function pageOf(exchange: ReferrersExchange): Answer {
  const { store, options, route, query } = exchange
  const source = referrersOf(exchange)
  if (source === false) return noSuchEndpoint()
  if (!isDigest(route.reference))
    return options.dialect === 'zot' ? answer(400) : failure(400, 'DIGEST_INVALID')
  const all =
    source === true ? fromSubjects(store, route.repo, route.reference) : source(route.repo, route.reference)
  const type = query.get('artifactType')
  const matching = type === null ? all : all.filter((entry) => entry.artifactType === type)
  const size = options.referrersPageSize ?? Infinity
  const start = Number(query.get('from') ?? 0)
  const manifests = matching.slice(start, start + size)
  const next = new URLSearchParams({
    ...(type === null ? {} : { artifactType: type }),
    from: String(start + size),
  })
  const more = start + size < matching.length
  return answer(
    200,
    {
      'Content-Type': OCI_INDEX,
      ...(type === null ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
      ...(more
        ? {
            Link: nextLink(
              `/v2/${route.repo}/referrers/${route.reference}?${next.toString()}`,
              options.unquotedLinks,
            ),
          }
        : {}),
    },
    JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }),
  )
}

/** They stay listed when their subject is gone: deleting it does not touch them. */
function fromSubjects(store: MemoryStore, repo: string, digest: string): Referrer[] {
  return store.manifests(repo).flatMap((stored) => {
    const manifest = parseManifest(stored.bytes) ?? {}
    if ((manifest['subject'] as { digest?: string } | undefined)?.digest !== digest) return []
    const config = manifest['config'] as { mediaType?: string } | undefined
    const artifactType = (manifest['artifactType'] as string | undefined) ?? config?.mediaType
    const annotations = manifest['annotations'] as Record<string, string> | undefined
    return [
      {
        mediaType: stored.mediaType,
        digest: stored.digest,
        size: stored.bytes.length,
        ...(artifactType === undefined ? {} : { artifactType }),
        ...(annotations === undefined ? {} : { annotations }),
      },
    ]
  })
}
