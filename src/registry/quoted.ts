import type { Quoting, Response, Send } from './send.js'

/** Stands for a value that holds a credential. */
const NOT_SHOWN = '(not shown)'

/**
 * Has every response say how it may be quoted. This is the decorator next to the wire, so that nothing is cut, folded or
 * decoded before secrets are looked for.
 *
 * @param send what to decorate
 */
export function quoted(send: Send, quoting: Quoting): Send {
  return async (request) => ({ ...(await send(request)), quoting })
}

/** @returns a text that came with a response, for a sentence of ours, or that it is not shown */
export function quote({ quoting }: Pick<Response, 'quoting'>, text: string): string {
  return quoting === undefined ? text : (quoting.word(text) ?? NOT_SHOWN)
}
