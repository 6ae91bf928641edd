import { failure, type Answer } from '../answer.js'
import type { ManifestExchange } from '../exchange.js'
import { looksLikeDigest } from '../request.js'

/**
 * One step of a DELETE that looks at some keys of the repository only, as serverless-registry does: drops the tags among them
 * that point to the digest.
 *
 * @returns the answer if there are more keys; undefined if this was the last step
 */
export function stepOfDelete({
  store,
  options,
  route,
  query,
  origin,
  request,
}: ManifestExchange): Answer | undefined {
  const { deleteSteps } = options
  const { repo, reference } = route
  if (deleteSteps === undefined || store.manifest(repo, reference) === undefined) return undefined
  const last = Buffer.from(query.get('last') ?? '', 'base64url').toString()
  const rest = [...store.tags(repo), ...store.manifests(repo).map(({ digest }) => digest)]
    .sort()
    .filter((key) => key > last)
  const keys = rest.slice(0, deleteSteps.keys)
  if (looksLikeDigest(reference))
    for (const key of keys) if (store.resolve(repo, key) === reference) store.untag(repo, key)
  if (rest.length === keys.length) return undefined
  const cursor = Buffer.from(keys.at(-1) ?? '').toString('base64url')
  const target = `${origin}${request.path}?last=${cursor}`
  const headers = { Link: deleteSteps.header?.(target) ?? `<${target}>; rel="next"` }
  return failure(400, 'MANIFEST_TAGS', { message: 'a lot of manifest tags, use the Link header', headers })
}
