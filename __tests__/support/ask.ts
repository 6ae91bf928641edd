import {
  request as plain,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type RequestOptions,
} from 'node:http'
import { request as secure } from 'node:https'

export interface Reply {
  /** 0: no answer came at all. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  /** The code of the first error in a JSON body, whatever its type says. */
  readonly code: string | undefined
  /** Whether the body came to its end. */
  readonly complete: boolean
  /** What the socket died of, where no answer came. */
  readonly error: string | undefined
}

export interface Question extends Pick<RequestOptions, 'agent'> {
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly ca?: string
  readonly key?: string
  readonly cert?: string
  readonly timeoutMs?: number
}

/** One bare request on a connection of its own: what a test sees is what the server sent. */
export function ask(method: string, url: string, question: Question = {}): Promise<Reply> {
  const { headers = {}, body, agent = false, timeoutMs, ...tls } = question
  const send = url.startsWith('https:') ? secure : plain
  return new Promise((done) => {
    const finish = (reply: Partial<Reply>): void => {
      const bytes = reply.body ?? Buffer.alloc(0)
      const text = bytes.toString()
      const none = { status: 0, headers: {}, complete: false, error: undefined }
      done({ ...none, ...reply, body: bytes, text, code: codeIn(text) })
    }
    const sent = send(url, { method, headers, agent, ...tls }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => {})
      response.on('close', () => {
        const { statusCode: status = 0, complete } = response
        finish({ status, headers: response.headers, body: Buffer.concat(chunks), complete })
      })
    })
    sent.on('error', (error: NodeJS.ErrnoException) => finish({ error: error.code ?? error.message }))
    if (timeoutMs !== undefined) setTimeout(() => sent.destroy(new Error('timeout')), timeoutMs).unref()
    sent.end(body)
  })
}

function codeIn(text: string): string | undefined {
  try {
    const { errors, code } = JSON.parse(text) as { errors?: { code?: string }[]; code?: string }
    return errors?.[0]?.code ?? code
  } catch {
    return undefined
  }
}
