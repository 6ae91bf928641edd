import type { Purpose, Request, Response, Send } from './send.js'

/** How many requests were sent, by purpose; retries and redirects count. */
export type Counts = Partial<Record<Purpose, number>>

/**
 * Keeps at most `most` requests in flight and counts what is sent.
 *
 * @param send what to decorate
 * @param most 1 or more
 * @param counts is added to
 */
export function limited(send: Send, most: number, counts: Counts): Send {
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
      counts[request.purpose] = (counts[request.purpose] ?? 0) + 1
      return await send(request)
    } finally {
      leave()
    }
  }
}

/**
 * Runs `work` for each entry, `width` at a time. The first error ends it: no further entry is begun, those under way
 * are awaited, then it is thrown.
 *
 * @returns the results in the order of the entries
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
