import { matches, type Digest } from '../../oci/digest.js'
import { hashedBytes, type Descriptor } from '../../oci/manifest.js'
import type { Repository } from '../../oci/reference.js'
import type { ContentFlaw } from '../../plan/flaw.js'
import { attempt } from '../../registry/attempt.js'
import type { Client } from '../../registry/client.js'
import type { Reading } from '../../registry/reading.js'
import { isGone, WireError } from '../../registry/errors.js'
import type { Response } from '../../registry/send.js'
import { describeSource } from '../../registry/storage-error.js'

/** Whether a manifest or blob exists. */
export type Content =
  | { readonly is: 'there' }
  | { readonly is: 'unclear'; readonly flaw: ContentFlaw }
  /** `gone`: the registry returns 404 or 410. Otherwise the bytes are wrong or incomplete. */
  | { readonly is: 'missing'; readonly flaw: ContentFlaw; readonly gone: boolean }

/** A blob that remaining tags need, and how it is checked. */
export interface BlobCheck {
  readonly blob: Descriptor
  /** A tag that `protected-tags` names without a glob needs it, so its bytes must arrive. */
  readonly bytes: boolean
  /** It is part of a purged image: never requested with HEAD (safety rule 8). */
  readonly sensitive: boolean
}

/** Reads and hashes a manifest. @throws Stopped */
export function checkManifest(client: Client, repository: Repository, digest: Digest): Promise<Content> {
  return twice(
    (fresh) => client.manifest(repository, digest, { purpose: 'read-manifest', fresh }),
    ({ body }) => (matches(digest, hashedBytes(body) ?? body) ? undefined : { kind: 'altered' }),
  )
}

/** Checks a blob by HEAD, or by GET if its bytes must arrive or a HEAD could bring it back. @throws Stopped */
export async function checkBlob(
  client: Client,
  repository: Repository,
  { blob, bytes, sensitive }: BlobCheck,
): Promise<Content> {
  const reading = (fresh: boolean): Reading => ({ purpose: 'check-blob', fresh })
  const get = (): Promise<Content> =>
    twice(
      (fresh) => client.blob(repository, blob.digest, { ...reading(fresh), firstBytes: bytes }),
      (response) => flawOfBytes(blob, response),
    )
  let content: Content
  if (sensitive || bytes) content = await get()
  else {
    content = await twice(
      (fresh) => client.blobHead(repository, blob.digest, reading(fresh)),
      (response) => flawOfLength(blob, response),
    )
    // Some storage behind a redirect accepts only GET, and some registries send no length here.
    if (content.is !== 'there') content = await get()
  }
  return blob.foreign && content.is === 'missing' && content.gone ? { is: 'there' } : content
}

function flawOfBytes(blob: Descriptor, response: Response): ContentFlaw | undefined {
  if (response.ended === true || matches(blob.digest, response.body)) return flawOfLength(blob, response)
  return { kind: response.body.length === 0 ? 'headers-only' : 'altered' }
}

function flawOfLength({ size }: Descriptor, { headers }: Response): ContentFlaw | undefined {
  const length = headers.get('content-length')
  if (size === undefined || length === undefined || Number(length) === size) return undefined
  return { kind: 'other-length', length: Number(length), expected: size }
}

/** Sends a request, and if the content is missing sends it again on a new connection. */
async function twice(
  send: (fresh: boolean) => Promise<Response>,
  flawOf: (response: Response) => ContentFlaw | undefined,
): Promise<Content> {
  let content: Content = { is: 'there' }
  for (const fresh of [false, true]) {
    const response = await attempt(send(fresh))
    if (response instanceof WireError)
      return { is: 'unclear', flaw: { kind: 'unanswered', failure: response.message } }
    if (response.status === 200) {
      const cut = response.body.length === 0 ? 'headers-only' : 'cut-off'
      const flaw: ContentFlaw | undefined = response.cut ? { kind: cut } : flawOf(response)
      if (flaw === undefined) return { is: 'there' }
      content = { is: 'missing', flaw, gone: false }
      continue
    }
    const flaw: ContentFlaw = { kind: 'refused', answered: describeSource(response) }
    if (!isGone(response)) return { is: 'unclear', flaw }
    content = { is: 'missing', flaw, gone: true }
  }
  return content
}
