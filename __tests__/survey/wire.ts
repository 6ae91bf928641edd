import type { Repository } from '../../src/oci/reference.js'
import { Client } from '../../src/registry/client.js'
import { unseen } from '../../src/registry/progress.js'
import type { Request, Response } from '../../src/registry/send.js'
import { Capabilities } from '../../src/survey/capabilities.js'
import type { Tools } from '../../src/survey/tools.js'
import { response } from '../registry/wire.js'
import { FakeClock } from '../support/clock.js'
import { SeededRandom } from '../support/random.js'

export const ORIGIN = 'https://registry.example.com'
export const REPO = 'acme/app' as Repository

/** The path of a request with its query, where `registry-purge`, which no cache knows, has the value `new`. */
export function pathOf({ url }: Request): string {
  return `${url.pathname}${url.search}`.replace(/registry-purge=[0-9a-f]+/, 'registry-purge=new')
}

/** A registry that is a function from the path of a request to its response, and what was requested from it. */
export function registryOf(
  answer: (path: string, request: Request) => Response | Error,
  { credentialsFrom, origin = ORIGIN }: { credentialsFrom?: string; origin?: string } = {},
): { tools: Tools; client: Client; asked: string[] } {
  const asked: string[] = []
  const never = new AbortController().signal
  const random = new SeededRandom(1)
  const client = new Client({
    origin,
    credentialsFrom,
    send: async (request) => {
      const path = pathOf(request)
      asked.push(path)
      const answered = answer(path, request)
      if (answered instanceof Error) throw answered
      return answered
    },
    heldFor: () => 0,
    stop: never,
    kill: never,
    random,
  })
  const capabilities = new Capabilities(client, random)
  const tools = { client, capabilities, clock: new FakeClock(), random, width: 2, progress: unseen }
  return { tools, client, asked }
}

/** A 200 with JSON. */
export function json(body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return response(200, { 'content-type': 'application/json', ...headers }, JSON.stringify(body))
}

/** A 404 with a code, as the registry itself sends it. */
export function unknown(code: string): Response {
  return response(404, { 'content-type': 'application/json' }, JSON.stringify({ errors: [{ code }] }))
}

/** The Link header that leads to a page. */
export const linkTo = (page: string): { link: string } => ({ link: `<${page}>; rel="next"` })
