import type { Purpose, Request, Response, Send } from './send.js'

/**
 * Limits the requests in flight to `most`. Further ones wait in the order in which they came.
 *
 * @param most 1 or more
 * @param sent called before each request is sent
 */
export function limited(send: Send, most: number, sent: (purpose: Purpose) => void): Send {
  let free = most
  const waiting: (() => void)[] = []
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
  return async (request: Request): Promise<Response> => {
    if (free > 0) free--
    else await new Promise<void>((enter) => waiting.push(enter))
    try {
      sent(request.purpose)
      return await send(request)
    } finally {
      leave()
    }
  }
}

/**
 * Runs `work` for each entry, at most `width` at a time. After the first error, starts no further entry.
 *
 * @returns the results in the order of the entries
 * @throws the first error of `work`, after the entries in progress have ended
 */
export async function each<T, R>(
  list: readonly T[],
  width: number,
  work: (entry: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(list.length)
  let next = 0
  let failure: { error: unknown } | undefined
  const worker = async (): Promise<void> => {
    while (next < list.length && failure === undefined) {
      const index = next++
      try {
        results[index] = await work(list[index] as T, index)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, list.length) }, worker))
  if (failure !== undefined) throw failure.error
  return results
}
