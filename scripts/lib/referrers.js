import { request } from './http.js'
import { descriptor, manifest, ociIndex, referrersTag } from './image.js'
import { mediaTypes } from './media-types.js'
import { get } from './pull.js'
import { push, putManifest } from './push.js'

/**
 * @typedef {import('./image.js').Descriptor} Descriptor
 * @typedef {import('./image.js').ImageManifest} ImageManifest
 * @typedef {import('./push.js').Registry} Registry
 */

/**
 * The list that clients keep under `referrersTag(subject)` where the registry has no interface for referrers.
 * @param {ImageManifest[]} referrers
 */
export function referrersIndex(referrers) {
  return ociIndex(referrers.map((each) => ({ manifest: { ...each, listing: {} }, ...wordsOf(each) })))
}

/**
 * Pushes something that has a subject, as a client does: where the registry does not list it by itself, it is added
 * to the list under the subject's tag. Not for two at a time: that list is read and written back.
 * @param {Registry} registry
 * @param {string} repository
 * @param {ImageManifest} referrer
 * @param {string} [tag] for the referrer itself
 * @returns {Promise<string>} its digest
 */
export async function pushReferrer(registry, repository, referrer, tag) {
  const { subject } = JSON.parse(referrer.bytes.toString('utf8'))
  if (!subject) throw new Error(`${referrer.digest} has no subject`)
  await push(registry, repository, referrer, tag)
  const { asked, listed } = await listReferrers(registry, repository, subject)
  if (asked === 'interface') return referrer.digest
  const value = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [
      ...listed.filter(({ digest }) => digest !== referrer.digest),
      { ...descriptor(referrer), ...wordsOf(referrer) },
    ],
  }
  await putManifest(registry, repository, manifest(mediaTypes.ociIndex, value), referrersTag(subject))
  return referrer.digest
}

/**
 * What refers to a manifest: by the registry's interface, or else by the tag that clients keep.
 * @param {Registry} registry
 * @param {string} repository
 * @param {Descriptor} subject
 * @returns {Promise<{ asked: 'interface' | 'tag', listed: (Descriptor & { artifactType?: string })[] }>}
 */
export async function listReferrers(registry, repository, subject) {
  const { url, ca, auth } = registry
  const answer = await request({ url: `${url}/v2/${repository}/referrers/${subject.digest}`, ca, auth })
  if (answer.status === 200) return { asked: 'interface', listed: entriesOf(answer.body) }
  const tagged = await get(registry, repository, 'manifests', referrersTag(subject))
  return { asked: 'tag', listed: tagged.status === 200 ? entriesOf(tagged.body) : [] }
}

/** @param {Buffer} body */
function entriesOf(body) {
  return JSON.parse(body.toString('utf8')).manifests ?? []
}

/**
 * What a list of referrers says of one beside its descriptor. The type of an image is that of its config.
 * @param {ImageManifest} referrer
 * @returns {{ artifactType?: string, annotations?: Record<string, string> }}
 */
function wordsOf({ bytes }) {
  const { artifactType, config, annotations } = JSON.parse(bytes.toString('utf8'))
  const type = artifactType ?? config?.mediaType
  return { ...(type && { artifactType: type }), ...(annotations && { annotations }) }
}
