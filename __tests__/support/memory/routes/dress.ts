import type { Answer } from '../answer.js'
import type { Exchange } from '../exchange.js'

/** What the options change about every answer, or every error. */
export function dress(exchange: Exchange, said: Answer): Answer {
  const { repeatsHeaders } = exchange.options
  const dressed = withOptions(exchange, said)
  return repeatsHeaders === undefined ? dressed : { ...dressed, twice: repeatsHeaders }
}

function withOptions({ options }: Exchange, said: Answer): Answer {
  const json = said.headers['Content-Type'] === 'application/json'
  const failed = said.status >= 400
  const type =
    failed && json
      ? errorType(options.errorType, options.dialect)
      : json
        ? okType(options.dialect)
        : undefined
  const headers = {
    ...said.headers,
    ...(type === undefined ? {} : { 'Content-Type': type }),
    ...(options.gitlab === true ? { 'Gitlab-Container-Registry-Version': '4.0.0' } : {}),
    ...options.extraHeaders,
  }
  if (!failed) return { ...said, headers }
  if (options.errorBody !== undefined) {
    const { body, type: given = 'text/plain; charset=utf-8' } = options.errorBody
    return { ...said, headers: { ...headers, 'Content-Type': given }, body: Buffer.from(body) }
  }
  if (options.unknownCode !== undefined && json && said.status === 404)
    return {
      ...said,
      headers,
      body: Buffer.from(said.body.toString().replace(/[A-Z]+_UNKNOWN/, options.unknownCode)),
    }
  if (options.errorMessage === undefined || !json) return { ...said, headers }
  const parsed = JSON.parse(said.body.toString()) as { errors?: { code: string }[]; code?: string }
  const code = parsed.errors?.[0]?.code ?? parsed.code
  const text = options.errorMessage
  const body = JSON.stringify({ errors: [{ code, message: text, detail: text }] })
  return { ...said, headers, body: Buffer.from(`${body}\n`) }
}

const okType = (dialect: string | undefined): string | undefined =>
  dialect === '2.8' ? 'application/json; charset=utf-8' : undefined

const errorType = (given: string | undefined, dialect: string | undefined): string | undefined =>
  given ?? okType(dialect)
