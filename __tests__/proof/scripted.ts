import type { Digest } from '../../src/oci/digest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { CheckOptions } from '../../src/proof/check-options.js'
import { Client } from '../../src/registry/client.js'
import { WireError } from '../../src/registry/errors.js'
import { unseen } from '../../src/registry/progress.js'
import type { Request, Response } from '../../src/registry/send.js'
import { Capabilities } from '../../src/survey/capabilities.js'
import type { Tools } from '../../src/survey/tools.js'
import { request, response } from '../registry/wire.js'
import { FakeClock } from '../support/clock.js'
import { SeededRandom } from '../support/random.js'

export const repository = 'acme/app' as Repository
export const options: CheckOptions = { repository, timeout: 1_000 }

/** Tools whose client gets its responses from a function, one request at a time. */
export function toolsOn(respond: (request: Request) => Response): { tools: Tools; sent: Request[] } {
  const sent: Request[] = []
  const random = new SeededRandom(1)
  const client = new Client({
    origin: 'https://registry.example.com',
    credentialsFrom: undefined,
    send: async (each) => {
      sent.push(each)
      return respond(each)
    },
    heldFor: () => 0,
    random,
    stop: new AbortController().signal,
    kill: new AbortController().signal,
  })
  const capabilities = new Capabilities(client, random)
  const clock = new FakeClock()
  return { tools: { client, capabilities, clock, random, width: 1, progress: unseen }, sent }
}

/** What requests name: `manifests/latest`, `blobs/sha256:…`, with `?` if they carry a query. */
export const named = (sent: readonly Request[]): string[] =>
  sent.map(({ url }) => `${url.pathname.replace(`/v2/${repository}/`, '')}${url.search === '' ? '' : '?'}`)

/** A 404 as registries send it. */
export const absent = (code = 'BLOB_UNKNOWN', headers: Readonly<Record<string, string>> = {}): Response =>
  response(404, { 'content-type': 'application/json', ...headers }, JSON.stringify({ errors: [{ code }] }))

export const failure = new WireError(request('https://registry.example.com/v2/'), 'network', 'ECONNRESET')

/** A reset in the place of a response. */
export function reset(): Response {
  throw failure
}

export const digestOf = (letter: string): Digest => `sha256:${letter.repeat(64)}` as Digest
