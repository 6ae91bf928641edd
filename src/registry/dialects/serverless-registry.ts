import { hasCode } from '../errors.js'
import { nextTarget } from '../lists/page.js'
import type { Step, SteppedDelete } from './stepped-delete.js'

const CODE = 'MANIFEST_TAGS'
/** Characters. A cursor of its storage has some hundred. */
const LONGEST_CURSOR = 4096

/**
 * Cloudflare's serverless-registry looks at 1,000 keys of a repository, tags and digests, for one DELETE on `/manifests/`. If
 * there are more, it deletes the tags among them that point to the digest, and returns 400 `MANIFEST_TAGS` with a link that
 * differs from the request in `last`, a cursor of its storage. The DELETE along the last link deletes the manifest, or the
 * tag (src/router.ts of its commit 5f97b0e).
 *
 * The link is written with brackets and without (before 2026-03). Only the cursor is taken from it: the request goes to the
 * same item as before.
 */
export const serverlessRegistry = {
  name: 'serverless-registry',
  next(response, from): Step | undefined {
    if (response.status !== 400 || !hasCode(response, CODE)) return undefined
    const target = nextTarget(response.headers.get('link'), from)
    if (target === undefined || 'is' in target) return { is: 'stuck', why: 'no-link' }
    const { url } = target
    const parameters = [...url.searchParams.keys()]
    const last = url.searchParams.get('last') ?? ''
    const isSameItem = url.hostname === from.hostname && pathOf(url) === pathOf(from)
    if (!isSameItem || parameters.some((name) => name !== 'last')) return { is: 'stuck', why: 'elsewhere' }
    if (last === '' || parameters.length > 1 || last.length > LONGEST_CURSOR)
      return { is: 'stuck', why: 'no-link' }
    return { is: 'goes-on', query: new URLSearchParams({ last }).toString() }
  },
} as const satisfies SteppedDelete

/** Percent-encoding differs: `sha256:` and `sha256%3A` name the same digest. */
function pathOf({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
