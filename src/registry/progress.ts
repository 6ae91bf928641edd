import { each } from './limit.js'

/** Is told how far long work has come, so that whoever waits can see it. */
export interface Progress {
  /** @param what is counted, such as `tags read` @param total how many there are */
  of(what: string, total: number): Counting
}

/** One piece of work that is counted. */
export interface Counting {
  /** One more is done. */
  done(): void
  /** The work is over, whatever came of it. */
  end(): void
}

/** Tells nobody. */
export const unseen: Progress = { of: () => ({ done: () => {}, end: () => {} }) }

/** As `each`, and counted. */
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
