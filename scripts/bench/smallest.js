import { randomBytes } from 'node:crypto'
import { digestOf } from '../../testbed/images/content.js'
import { repository } from './scenes.js'

/**
 * @typedef {{ method: string, path: string, fresh?: boolean, body?: string, type?: string, range?: string }} Exchange
 * @typedef {{ term: string, exchanges: Exchange[] }} Phase
 * @typedef {{ phases: Phase[], gone: { manifests: string[], blobs: string[] } }} Smallest
 * The exchanges of a phase may run in parallel; the phases run one after the other.
 */

const random = () => `sha256:${randomBytes(32).toString('hex')}`
const placeholder = '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'

/**
 * The requests of the smallest safe and verified purge, in order. Such a purge reads every tag before the first write,
 * before the deletion of the blobs and at the end, and requests all deleted content on fresh connections.
 * @param {import('./scenes.js').Scene} scene
 * @param {boolean} deletesTags whether the registry deletes a tag by its name (2.x does not)
 * @returns {Smallest}
 */
export function smallest({ tags, manifests, deleted }, deletesTags) {
  const url = (/** @type {string} */ rest) => `/v2/${repository}/${rest}`
  const manifest = (/** @type {string} */ reference, method = 'GET') => ({
    method,
    path: url(`manifests/${reference}`),
  })
  const blob = (/** @type {string} */ digest, method = 'GET') => ({ method, path: url(`blobs/${digest}`) })
  const tree = (/** @type {Iterable<string>} */ roots) => {
    const all = new Set(roots)
    for (const digest of all) for (const child of manifests.get(digest)?.children ?? []) all.add(child)
    return [...all]
  }
  const blobsOf = (/** @type {string[]} */ digests) =>
    new Set(digests.flatMap((each) => manifests.get(each)?.blobs ?? []))
  const rootOf = (/** @type {string} */ tag) => tags.get(tag) ?? ''

  const keptTags = [...tags.keys()].filter((tag) => !deleted.includes(tag))
  const kept = tree(new Set(keptTags.map(rootOf)))
  const keptBlobs = blobsOf(kept)
  const image = tree(new Set(deleted.map(rootOf).filter((root) => !kept.includes(root))))
  const gone = image.filter((digest) => !kept.includes(digest))
  const goneBlobs = [...blobsOf(image)].filter((digest) => !keptBlobs.has(digest))
  const imageBlobs = blobsOf(image)
  const roots = [...new Set(deleted.map(rootOf))].filter((root) => gone.includes(root))
  const labels = deleted.filter((tag) => kept.includes(rootOf(tag)))
  const children = tree([...tags.values()]).filter((digest) => ![...tags.values()].includes(digest))
  const keptChildren = kept.filter((digest) => !keptTags.map(rootOf).includes(digest))

  const list = () => ({ term: 'L', exchanges: [{ method: 'GET', path: url('tags/list') }] })
  const read = (/** @type {string} */ term, /** @type {string[]} */ references) => ({
    term,
    exchanges: references.map((reference) => manifest(reference)),
  })
  const fresh = (/** @type {Exchange[]} */ exchanges) => exchanges.map((each) => ({ ...each, fresh: true }))
  const index = { type: 'application/vnd.oci.image.index.v1+json', body: placeholder }
  const untag = deletesTags
    ? [{ term: 'U', exchanges: deleted.map((tag) => manifest(tag, 'DELETE')) }]
    : labels.length === 0
      ? []
      : [
          { term: 'U', exchanges: labels.map((tag) => ({ ...manifest(tag, 'PUT'), ...index })) },
          { term: 'U', exchanges: [manifest(digestOfPlaceholder, 'DELETE')] },
        ]
  // Parents before their children.
  const levels = [
    gone.filter((digest) => roots.includes(digest)),
    gone.filter((digest) => !roots.includes(digest)),
  ]
  const phases = [
    list(),
    read('T', [...tags.keys()]),
    read('C', children),
    { term: '2', exchanges: [manifest(random(), 'DELETE'), blob(random(), 'DELETE')] },
    { term: '1', exchanges: [blob([...keptBlobs][0] ?? goneBlobs[0] ?? '')] },
    list(),
    read('n', deleted),
    ...untag,
    read('R', roots),
    ...levels.map((level) => ({ term: 'm', exchanges: level.map((digest) => manifest(digest, 'DELETE')) })),
    list(),
    read('Tp', keptTags),
    { term: 'b', exchanges: goneBlobs.map((digest) => blob(digest, 'DELETE')) },
    list(),
    read('V', keptTags),
    read('V', keptChildren),
    {
      term: 'V',
      exchanges: [...keptBlobs].map((digest) => blob(digest, imageBlobs.has(digest) ? 'GET' : 'HEAD')),
    },
    {
      term: 'k(n+2m+b+3)',
      exchanges: fresh([
        ...deleted.map((tag) => manifest(tag)),
        ...gone.flatMap((digest) => [manifest(digest), blob(digest)]),
        ...goneBlobs.map((digest) => blob(digest)),
        blob([...keptBlobs][0] ?? ''),
        // These show how the registry reports missing content.
        manifest(random()),
        blob(random()),
      ]),
    },
    // A registry that shares blobs between repositories may serve these.
    { term: 'b', exchanges: fresh(goneBlobs.map((digest) => ({ ...blob(digest), range: 'bytes=0-0' }))) },
  ]
  return {
    phases: phases.filter(({ exchanges }) => exchanges.length > 0),
    gone: { manifests: gone, blobs: goneBlobs },
  }
}

const digestOfPlaceholder = digestOf(placeholder)

/** @param {Smallest} of @returns {number} N */
export const count = ({ phases }) => phases.reduce((sum, { exchanges }) => sum + exchanges.length, 0)
