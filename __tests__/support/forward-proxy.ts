import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

/** A proxy as HTTP_PROXY and HTTPS_PROXY name it. */
export interface ForwardProxy {
  readonly url: string
  /** `host:port` of each tunnel that was asked for. */
  readonly tunnels: readonly string[]
  /** Each request over plain http, by its whole URL. */
  readonly plain: readonly string[]
  /** How often it asked for credentials. */
  readonly refused: () => number
  readonly close: () => Promise<void>
}

/** @param user `name:password` that it wants, if any */
export async function startForwardProxy(user?: string): Promise<ForwardProxy> {
  const tunnels: string[] = []
  const plain: string[] = []
  const sockets = new Set<Socket>()
  let refused = 0
  const wanted = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`
  const allowed = ({ headers }: IncomingMessage): boolean =>
    wanted === undefined || headers['proxy-authorization'] === wanted
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
  }

  const server = createServer((incoming: IncomingMessage, answer: ServerResponse) => {
    plain.push(incoming.url ?? '')
    if (!allowed(incoming)) {
      refused++
      answer.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end('who are you?')
      return
    }
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = incoming.headers
    const outgoing = request(
      incoming.url ?? '',
      { method: incoming.method, headers, agent: false },
      (came) => {
        answer.writeHead(came.statusCode ?? 502, came.headers)
        came.pipe(answer)
      },
    )
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  })
  server.on('connection', keep)
  server.on('connect', (incoming: IncomingMessage, client: Socket) => {
    tunnels.push(incoming.url ?? '')
    if (!allowed(incoming)) {
      refused++
      client.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n\r\n',
      )
      return
    }
    const [host = '', port = ''] = (incoming.url ?? '').split(':')
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    keep(upstream)
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    plain,
    refused: () => refused,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => done())
      }),
  }
}
