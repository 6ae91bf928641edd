import { each } from './limit.js'

/** Shows how far long work has come. */
export interface Progress {
  /**
   * Starts a count.
   *
   * @param what is counted, such as `tags read`
   * @param total how many there are
   */
  of(what: string, total: number): Counting
}

/** A count that is under way. */
export interface Counting {
  /** Counts one more. */
  done(): void
  /** Ends the count, even if the work failed. */
  end(): void
}

/** Shows nothing. */
export const unseen: Progress = { of: () => ({ done: () => {}, end: () => {} }) }

/** As `each`, with a count of the entries that are done. */
export async function counted<T, R>(
  progress: Progress,
  what: string,
  list: readonly T[],
  width: number,
  work: (entry: T, index: number) => Promise<R>,
): Promise<R[]> {
  const counting = progress.of(what, list.length)
  try {
    return await each(list, width, async (entry, index) => {
      const result = await work(entry, index)
      counting.done()
      return result
    })
  } finally {
    counting.end()
  }
}
