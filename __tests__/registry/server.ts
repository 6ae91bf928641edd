import { createServer as createPlain, type RequestListener, type Server } from 'node:http'
import { createServer as createSecure } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server of this machine that counts its connections. */
export interface CountingServer {
  readonly url: string
  /** Connections that were ever accepted. */
  readonly accepted: () => number
  /** Connections over TLS that went on with a session of an earlier one. */
  readonly resumed: () => number
  /** Connections that are open. */
  readonly open: () => number
  readonly close: () => Promise<void>
}

export async function listen(
  answer: RequestListener,
  tls?: { key: string; cert: string },
): Promise<CountingServer> {
  const server: Server = tls === undefined ? createPlain(answer) : createSecure(tls, answer)
  const sockets = new Set<Socket>()
  let accepted = 0
  let resumed = 0
  server.keepAliveTimeout = 60_000
  server.on('connection', (socket: Socket) => {
    accepted++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.isSessionReused()) resumed++
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    accepted: () => accepted,
    resumed: () => resumed,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Waits until something is so, and fails when it does not become so. */
export async function until(what: () => boolean): Promise<void> {
  const end = Date.now() + 60_000
  while (!what()) {
    if (Date.now() > end) throw new Error(`it never became so: ${String(what)}`)
    await sleep(5)
  }
}
