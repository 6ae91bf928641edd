import { errorEntries } from '../errors.js'
import type { Response } from '../send.js'
import type { Form } from './meaning.js'

/** @returns the form of a response's body */
export function formOf({ headers, body }: Pick<Response, 'headers' | 'body'>): Form {
  if (body.length === 0) return 'empty'
  if (errorEntries(body).length > 0) return 'errors'
  const text = Buffer.from(body).toString('utf8')
  const value = parse(text)
  if (typeof value === 'object' && value !== null) {
    if (Object.keys(value).length === 0) return Array.isArray(value) ? 'json' : 'no-keys'
    const { manifests } = value as { manifests?: unknown }
    return manifests === null || Array.isArray(manifests) ? 'index' : 'json'
  }
  if (value !== undefined) return 'json'
  const html = (headers.get('content-type') ?? '').toLowerCase().includes('html')
  if (html || /^\s*<(?:!doctype\s+html|html|head|body)\b/i.test(text)) return 'html'
  return text.trim() === '' ? 'empty' : 'text'
}

/** @returns undefined if the text is not JSON */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
