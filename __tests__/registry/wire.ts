import type { Request, Response, Send } from '../../src/registry/send.js'

/** A read of a blob, unless something else is said. */
export function request(url: string, more: Partial<Request> = {}): Request {
  return {
    method: 'GET',
    url: new URL(url),
    purpose: 'verify',
    headers: {},
    fresh: false,
    limit: 1 << 20,
    peek: false,
    patience: 'read',
    timeout: 10_000,
    signal: new AbortController().signal,
    ...more,
  }
}

export function response(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
  more: Partial<Response> = {},
): Response {
  return {
    status,
    headers: new Map(Object.entries(headers)),
    body: Buffer.from(body),
    cut: false,
    redirected: false,
    ...more,
  }
}

/** A Send that answers with a list, or by a function, and keeps what it was asked. */
export function answering(answers: readonly (Response | Error)[] | ((request: Request) => Response)): {
  send: Send
  asked: Request[]
} {
  const asked: Request[] = []
  const send: Send = async (request) => {
    const answer = typeof answers === 'function' ? answers(request) : answers[asked.length]
    asked.push(request)
    if (answer === undefined) throw new Error('there is no further answer')
    if (answer instanceof Error) throw answer
    return answer
  }
  return { send, asked }
}
