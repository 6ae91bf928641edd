import type { Quoting, Response, Send } from '../send.js'

/** Replaces a value that holds a credential. */
const NOT_SHOWN = '(not shown)'

/**
 * Adds to every response how it may be quoted. Must be the decorator next to the transport, so that secrets are searched
 * before anything is cut, folded or decoded.
 */
export function quoted(send: Send, quoting: Quoting): Send {
  return async (request) => ({ ...(await send(request)), quoting })
}

/** @returns a text of a response for a message, or `(not shown)` if the text holds a secret */
export function quote({ quoting }: Pick<Response, 'quoting'>, text: string): string {
  return quoting === undefined ? text : (quoting.word(text) ?? NOT_SHOWN)
}
