import { each } from './limit.js'

/** Shows the progress of long work. */
export interface Progress {
  /**
   * Starts a count.
   *
   * @param what names the counted entries, such as `tags read`
   * @param total number of entries
   */
  of(what: string, total: number): Counting
}

/** A count in progress. */
export interface Counting {
  /** Counts one more. */
  done(): void
  /** Ends the count, even if the work failed. */
  end(): void
}

/** Shows nothing. */
export const unseen: Progress = { of: () => ({ done: () => {}, end: () => {} }) }

/** Like `each`, and counts the entries that are done. */
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
