import { request } from '../http.js'
import { json } from './content.js'
import { referrerEntry, referrersTag } from './indexes.js'
import { OCI_INDEX } from './media-types.js'
import { get } from './pull.js'
import { push, putManifest } from './push.js'

/**
 * @typedef {import('./image.js').Image} Image
 * @typedef {import('./push.js').Registry} Registry
 * @typedef {ReturnType<typeof referrerEntry>} Entry
 */

/**
 * Pushes a referrer (a manifest with a subject) as a client does: if the registry has no referrers API, adds it to the list
 * under the subject's tag. Not safe in parallel, because it reads that list and writes it back.
 * @param {Registry} registry
 * @param {string} repository
 * @param {Image} referrer
 * @param {string} [tag] for the referrer itself
 * @returns {Promise<string>} its digest
 */
export async function pushReferrer(registry, repository, referrer, tag) {
  const { subject } = /** @type {{ subject?: { digest: string } }} */ (referrer.manifest)
  if (!subject) throw new Error(`${referrer.digest} has no subject`)
  await push(registry, repository, referrer, tag)
  const { by, listed } = await listReferrers(registry, repository, subject.digest)
  if (by === 'api') return referrer.digest
  const others = listed.filter(({ digest }) => digest !== referrer.digest)
  const list = json({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [...others, referrerEntry(referrer)],
  })
  await putManifest(registry, repository, { ...list, mediaType: OCI_INDEX }, referrersTag(subject.digest))
  return referrer.digest
}

/**
 * The referrers of a manifest: by the referrers API, or else by the tag that clients keep.
 * @param {Registry} registry
 * @param {string} repository
 * @param {string} subject its digest
 * @returns {Promise<{ by: 'api' | 'tag', listed: Entry[] }>}
 */
export async function listReferrers(registry, repository, subject) {
  const { url, ca, auth } = registry
  const response = await request({ url: `${url}/v2/${repository}/referrers/${subject}`, ca, auth })
  if (response.status === 200) return { by: 'api', listed: entriesOf(response.body) }
  const tagged = await get(registry, repository, 'manifests', referrersTag(subject))
  return { by: 'tag', listed: tagged.status === 200 ? entriesOf(tagged.body) : [] }
}

/**
 * @param {Buffer} body
 * @returns {Entry[]}
 */
function entriesOf(body) {
  return JSON.parse(body.toString('utf8')).manifests ?? []
}
