import { readFileSync } from 'node:fs'
import { createServer as plainServer, request as plainRequest } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer as tlsServer, request as tlsRequest } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Registry } from './support.js'
import { authority, later } from './support.js'

/** One request as the proxy saw it. */
export interface Seen {
  readonly method: string
  readonly path: string
  /** Which accepted connection it came on, from 0. */
  readonly socket: number
  /** Which backend it went to. */
  readonly backend: number
  /** What it was answered with; undefined where no answer came. */
  status?: number
}

/** What the proxy says itself instead of passing the request on. */
export interface Reply {
  readonly reply: number
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
}

export type Hook = (
  request: Pick<Seen, 'method' | 'path'> & { headers: IncomingHttpHeaders },
  index: number,
) => unknown

export interface Balancer extends Registry {
  readonly seen: Seen[]
  /** How many connections were accepted so far. */
  sockets(): number
  /** How many requests were without their whole answer at the same time, at the most. */
  mostInFlight(): number
}

/**
 * A balancer in front of registries: https with the private authority, request by request to one backend after the
 * other, or to the one that is chosen, each on a new connection. Ends with the test.
 *
 * @param before runs before a request is passed on, and is waited for: a place to interfere, to be slow, to change
 *   headers, or to return a `Reply`
 * @param after runs when a backend has answered, before the client hears of it, and is waited for
 * @param choose the number of the backend for a request
 */
export async function startBalancer(
  backends: readonly Registry[],
  before?: Hook,
  after?: Hook,
  choose?: (request: Pick<Seen, 'method' | 'path'>) => number,
): Promise<Balancer> {
  const { certPath, keyPath, ca } = await authority()
  const seen: Seen[] = []
  const numbers = new Map<Socket, number>()
  let accepted = 0
  let turn = 0
  let inFlight = 0
  let most = 0

  const handle = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const { method = 'GET', url: path = '/' } = incoming
    const socket = numbers.get(incoming.socket) ?? -1
    const index = seen.length
    const backend = choose?.({ method, path }) ?? turn++ % backends.length
    const entry: Seen = { method, path, socket, backend }
    seen.push(entry)
    most = Math.max(most, (inFlight += 1))
    let over = false
    const end = (): void => {
      if (!over) inFlight -= 1
      over = true
    }
    answer.on('finish', end).on('close', end)
    const { connection: _, ...headers } = incoming.headers
    const instead = await before?.({ method, path, headers }, index)
    const target = backends[backend]
    if (target === undefined || answer.destroyed) return
    if (isReply(instead)) {
      entry.status = instead.reply
      const text = typeof instead.body === 'string' ? instead.body : JSON.stringify(instead.body ?? {})
      answer.writeHead(instead.reply, { 'content-type': 'application/json', ...instead.headers }).end(text)
      return
    }
    const send = target.ca === undefined ? plainRequest : tlsRequest
    const options = { method, headers, agent: false, ...(target.ca !== undefined && { ca: target.ca }) }
    const passOn = async (came: IncomingMessage): Promise<void> => {
      entry.status = came.statusCode ?? 0
      await after?.({ method, path, headers }, index)
      // What the backend says of its own connection is not for the client.
      const { connection: _, 'keep-alive': __, ...passed } = came.headers
      answer.writeHead(entry.status, passed)
      came.pipe(answer)
    }
    const outgoing = send(new URL(path, target.url), options, (came) => {
      passOn(came).catch(() => answer.destroy())
    })
    outgoing.on('error', () => answer.destroy())
    answer.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }
  const server = tlsServer(
    { cert: readFileSync(certPath), key: readFileSync(keyPath) },
    (incoming, answer) => {
      handle(incoming, answer).catch(() => answer.destroy())
    },
  )
  server.on('secureConnection', (socket: Socket) => {
    numbers.set(socket, accepted++)
    socket.on('error', () => socket.destroy())
  })
  const port = await listening(server)
  const [first] = backends
  return {
    url: `https://127.0.0.1:${port}`,
    ca,
    auth: first?.auth,
    seen,
    sockets: () => accepted,
    mostInFlight: () => most,
  }
}

/** An http server of the test's own, such as one that never answers. Ends with the test. */
export async function startServer(
  handle: (incoming: IncomingMessage, answer: ServerResponse) => void,
): Promise<{ url: string; sockets: () => number }> {
  const server = plainServer(handle)
  let accepted = 0
  server.on('connection', () => accepted++)
  const port = await listening(server)
  return { url: `http://127.0.0.1:${port}`, sockets: () => accepted }
}

const isReply = (value: unknown): value is Reply =>
  typeof value === 'object' && value !== null && 'reply' in value

type Server = ReturnType<typeof plainServer> | ReturnType<typeof tlsServer>

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    later(
      () =>
        new Promise((closed) => {
          server.close(closed)
          server.closeAllConnections()
        }),
    )
  })
}

/** The DELETEs of what a registry holds; a probe names nothing that exists. */
export const deletesOf = (seen: readonly Seen[], references: readonly string[]): Seen[] =>
  seen.filter(
    ({ method, path }) => method === 'DELETE' && references.some((each) => path.endsWith(`/${each}`)),
  )
