import {
  createServer,
  request as ask,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { parseRoute, type Route } from '../support/memory/request.js'
import { deliver, isWhole, twisted, type Answer } from './answer.js'
import { filled, type Fillings } from './places.js'
import type { Twist, Where } from './twist.js'

/** An answer that was not the true one. */
export interface Lie {
  readonly method: string
  readonly route: Route
  readonly twist: Twist
  /** What the registry would have said; undefined where it was not asked. */
  readonly truth: Answer | undefined
  readonly told: Answer
  /** It came to the client from beginning to end. */
  readonly whole: boolean
}

export interface Front {
  readonly host: string
  /** Every twisted answer, in order. */
  readonly lies: readonly Lie[]
  stop(): Promise<void>
}

/** Nobody has asked the registry: an answer of success without anything in it. */
const NOTHING: Answer = {
  status: 200,
  headers: [['Content-Type', 'application/json']],
  body: Buffer.from('{}'),
}

/** How a registry is put in front of a true one. */
export interface FrontOptions {
  /** Host of the true one, and the Authorization header that it takes. */
  readonly behind: string
  readonly basic: string
  /** Whether it asks for a token, as the true one does not. */
  readonly bearer: boolean
  readonly twists: readonly Twist[]
  /** What is filled in, for the Authorization header that a request brought. */
  readonly fill: (authorization: string) => Fillings
}

/** A registry that lies: hands requests on to a true one, and its answers back, some of them twisted. It takes any token. */
export async function startFront({ behind, basic, bearer, twists, fill }: FrontOptions): Promise<Front> {
  const lies: Lie[] = []
  const seen = twists.map(() => 0)
  const chosen = (method: string, route: Route): Twist | undefined =>
    twists.find((twist, at) => {
      if (!isAt(twist.where, method, route)) return false
      const number = (seen[at] = (seen[at] ?? 0) + 1)
      return number > twist.skip && number <= twist.skip + twist.times
    })
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers, socket } = incoming
    const { authorization = '' } = headers
    const body = await bytesOf(incoming)
    if (bearer && !authorization.startsWith('Bearer ')) {
      const challenge = filled(`Bearer realm="http://{realm}/token",service="{self}",scope="a:b:c"`, fill(''))
      response.writeHead(401, { 'WWW-Authenticate': challenge }).end()
      return
    }
    const route = parseRoute(url.split('?')[0] ?? '')
    const twist = chosen(method, route)
    const truth = twist?.forward === false ? undefined : await passOn(behind, incoming, body, basic)
    if (twist === undefined) {
      const { status, headers: own, body: whole } = truth ?? NOTHING
      response.writeHead(status, own.flat()).end(whole)
      return
    }
    const told = twisted(truth ?? NOTHING, twist, fill(authorization))
    lies.push({ method, route, twist, truth, told, whole: isWhole(twist.delivery) })
    deliver(socket, method, told, twist.delivery)
  }
  const { host, stop } = await listening((incoming, response) => {
    // A client that goes away in the middle is no failure of this server.
    serve(incoming, response).catch(() => incoming.socket.destroy())
  })
  return { host, lies, stop }
}

/** Starts a server on this machine, which forgets all connections at its end. */
export async function listening(
  serve: (incoming: IncomingMessage, response: ServerResponse) => void,
): Promise<{ host: string; stop: () => Promise<void> }> {
  const server: Server = createServer({ maxHeaderSize: 1 << 20 }, serve)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
  })
  server.on('clientError', (_, socket) => socket.destroy())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => server.close(done))
  }
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

function isAt(where: Where, method: string, route: Route): boolean {
  if (where === 'any') return true
  if (where === 'delete') return method === 'DELETE'
  if (method === 'DELETE') return false
  if (where === 'read') return true
  if (route.kind !== 'manifest') return route.kind === where
  return route.reference.includes(':') ? where === 'manifest' : where === 'tag'
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

function passOn(
  behind: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  basic: string,
): Promise<Answer> {
  const authorization = headers.authorization?.startsWith('Bearer ') ? basic : headers.authorization
  const own = { ...headers, connection: 'close', ...(authorization !== undefined && { authorization }) }
  const [hostname, port] = behind.split(':')
  return new Promise((resolve, reject) => {
    const outgoing = ask({ hostname, port, method, path: url, headers: own }, (answer) => {
      const raw = answer.rawHeaders
      const all = raw.flatMap((name, at): [string, string][] =>
        at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : [],
      )
      // The length is that of what is handed on, and so is the life of the connection.
      const kept = all.filter(
        ([name]) => !/^(?:content-length|transfer-encoding|connection|keep-alive)$/i.test(name),
      )
      bytesOf(answer).then(
        (bytes) => resolve({ status: answer.statusCode ?? 0, headers: kept, body: bytes }),
        reject,
      )
    })
    outgoing.on('error', reject).end(body)
  })
}
