import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { filled, type Fillings } from './places.js'
import type { Body, Delivery, Twist } from './twist.js'

/** An answer as the registry would give it. */
export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

const UNPACKED = 256 << 20
let packed: Buffer | undefined
const bomb = (): Buffer => (packed ??= gzipSync(Buffer.alloc(UNPACKED)))

/** @returns the answer as the twist has it */
export function twisted(truth: Answer, twist: Twist, fillings: Fillings): Answer {
  const { status = truth.status, headers = [], without = [], body } = twist
  const replaced = new Set([...without, ...headers.map(([name]) => name)].map((name) => name.toLowerCase()))
  return {
    status,
    headers: [
      ...truth.headers.filter(([name]) => !replaced.has(name.toLowerCase())),
      ...headers.map(([name, value]) => [name, filled(value, fillings)] as const),
    ],
    body: bodyOf(body ?? { is: 'kept' }, truth.body, fillings),
  }
}

function bodyOf(body: Body, truth: Buffer, fillings: Fillings): Buffer {
  switch (body.is) {
    case 'kept':
      return truth
    case 'bytes':
      return body.bytes
    case 'json':
      return Buffer.from(filled(JSON.stringify(body.json), quoted(fillings)))
    case 'edited': {
      const bytes = Buffer.from(truth)
      for (const edit of body.edits)
        bytes.set(edit.bytes.subarray(0, room(bytes, edit.at)), place(bytes, edit.at))
      return bytes
    }
    case 'replaced':
      return Buffer.from(replaced(truth, body.at, body.value))
    case 'deep':
      return Buffer.from(body.open.repeat(body.levels))
    case 'bomb':
      return bomb()
    case 'large':
      return Buffer.alloc(body.size, body.fill)
  }
}

/** In JSON a password stands as JSON writes it. */
function quoted(fillings: Fillings): Fillings {
  return { ...fillings, password: JSON.stringify(fillings.password).slice(1, -1) }
}

const place = (bytes: Buffer, part: number): number => Math.floor(part * bytes.length)
const room = (bytes: Buffer, part: number): number => bytes.length - place(bytes, part)

/** JSON in which one value, of all that it holds, is another one. */
function replaced(truth: Buffer, at: number, value: unknown): string {
  const text = truth.toString('utf8')
  try {
    const json: unknown = JSON.parse(text)
    const places: (() => void)[] = []
    const walk = (holder: object): void => {
      for (const [key, inner] of Object.entries(holder)) {
        places.push(() => void ((holder as Record<string, unknown>)[key] = value))
        if (typeof inner === 'object' && inner !== null) walk(inner)
      }
    }
    if (typeof json === 'object' && json !== null) walk(json)
    places[at % Math.max(places.length, 1)]?.()
    return JSON.stringify(json)
  } catch {
    return JSON.stringify(value)
  }
}

export const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** @returns whether this delivery brings status and headers to a reader, and the body to its end */
export function isWhole(delivery: Delivery | undefined): boolean {
  return [undefined, 'whole', 'good chunks', 'many headers', 'many interim', 'twice', 'over'].includes(
    delivery,
  )
}

const BLOCK = Buffer.alloc(1 << 20, 'x')

/** Writes an answer as bytes. The connection is used up with it. */
export function deliver(socket: Socket, method: string, answer: Answer, delivery: Delivery = 'whole'): void {
  if (delivery === 'reset at once') return void socket.resetAndDestroy()
  if (delivery === 'noise')
    return void socket.end(Buffer.concat([Buffer.from('\0\x1b[2J::error::x\r\n\r\n'), answer.body]))
  const bodiless = method === 'HEAD' || answer.status === 204 || answer.status === 304 || answer.status < 200
  const body = bodiless ? Buffer.alloc(0) : answer.body
  const write = (text: string): void => void socket.write(text, 'latin1')
  if (delivery === 'many interim')
    for (let each = 0; each < 500; each++) write('HTTP/1.1 103 x\r\nLink: <x>\r\n\r\n')
  write(head(answer, framing(answer.body, delivery, bodiless), delivery))
  const part = body.subarray(0, body.length >> 1)
  switch (delivery) {
    case 'good chunks':
      return void socket.end(
        Buffer.concat([chunk(part), chunk(body.subarray(part.length)), Buffer.from('0\r\n\r\n')]),
      )
    case 'bad chunks':
      return void socket.end(Buffer.concat([chunk(part), Buffer.from('ffffffffffffffffff;x="\r\n'), body]))
    case 'end':
      return void socket.end(part)
    case 'reset':
      return void socket.write(part, () => socket.resetAndDestroy())
    case 'hang':
      return void socket.write(part)
    case 'drip':
      return again(socket, 50, () => socket.write(' '))
    case 'endless':
      // As fast as it is read, and not into the memory of this side.
      return again(socket, 1, () => {
        while (socket.writableLength < BLOCK.length && socket.writable) socket.write(BLOCK)
      })
    case 'twice':
      return void socket.end(
        Buffer.concat([body, Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}`)]),
      )
    case 'whole':
    case 'short':
    case 'over':
    case 'huge header':
    case 'many headers':
    case 'many interim':
      return void socket.end(body)
  }
}

function framing(body: Buffer, delivery: Delivery, bodiless: boolean): string[] {
  if (delivery === 'good chunks' || delivery === 'bad chunks') return ['Transfer-Encoding: chunked']
  if (delivery === 'drip' || delivery === 'endless') return []
  const more = { short: 1000, over: -Math.ceil(body.length / 2) }[delivery as string] ?? 0
  return bodiless && body.length === 0 ? [] : [`Content-Length: ${body.length + more}`]
}

function head({ status, headers }: Answer, framing: readonly string[], delivery: Delivery): string {
  const own = headers.filter(
    ([name]) => !/^(?:content-length|transfer-encoding|connection|keep-alive)$/i.test(name),
  )
  const more =
    delivery === 'huge header'
      ? [`X-Huge: ${'x'.repeat(100_000)}`]
      : delivery === 'many headers'
        ? Array.from({ length: 1500 }, (_, at) => `X-${at}: x`)
        : []
  const connection = headers.some(([name]) => name.toLowerCase() === 'connection')
    ? []
    : ['Connection: close']
  return [
    `HTTP/1.1 ${status} ::error::x \u009b31m`,
    ...own.map(([name, value]) => `${name}: ${value}`),
    ...connection,
    ...framing,
    ...more,
    '\r\n',
  ].join('\r\n')
}

function chunk(bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

/** Until the other side has had enough. */
function again(socket: Socket, ms: number, step: () => void): void {
  const timer = setInterval(step, ms)
  socket.once('close', () => clearInterval(timer))
}
