import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Answer } from './answer.js'

/** A connection that ends as by a crash: reset where the socket can be, closed without a word otherwise. */
export function drop(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

/** Puts an answer on the wire, whole or cut off. */
export function send(response: ServerResponse, method: string, said: Answer): void {
  const bodiless = said.status === 204 || said.status === 304
  const twice = (name: string, value: string): string | string[] =>
    said.twice?.includes(name) === true ? [value, value] : value
  response.writeHead(said.status, {
    ...Object.fromEntries(
      Object.entries(said.headers).map(([name, value]) => [name, twice(name, value)] as const),
    ),
    ...(bodiless ? {} : { 'Content-Length': said.body.length }),
  })
  if (bodiless || method === 'HEAD') response.end()
  else if (said.cut === undefined) response.end(said.body)
  else {
    // The headers leave even when not one byte of the body does; what is written is sent before the socket ends.
    response.flushHeaders()
    if (said.cut > 0) response.write(said.body.subarray(0, said.cut))
    response.socket?.destroySoon()
  }
}
