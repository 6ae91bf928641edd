import type { Quoting, Response, Send } from '../send.js'

/** Replaces a value that holds a credential. */
const NOT_SHOWN = '(not shown)'

/**
 * Adds `quoting` to every response. Must be the innermost decorator, so that secrets are found before any text is cut,
 * folded or decoded.
 */
export function quoted(send: Send, quoting: Quoting): Send {
  return async (request) => ({ ...(await send(request)), quoting })
}

/** @returns the text of a response, for a message; `(not shown)` if it holds a secret */
export function quote({ quoting }: Pick<Response, 'quoting'>, text: string): string {
  return quoting === undefined ? text : (quoting.word(text) ?? NOT_SHOWN)
}
