/** Whether the log could be written. */
export interface Streams {
  /** The code of the error after which the log was lost, such as EPIPE; undefined while all of it was written. */
  readonly lost: string | undefined
}

/**
 * Keeps the process alive when nobody reads its output, or the disk behind it is full: a purge must not end half way
 * because of its log. Says once, on standard error, that the log is lost.
 */
export function guardStreams({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): Streams {
  const streams: { lost: string | undefined } = { lost: undefined }
  stderr.on('error', () => undefined)
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (streams.lost !== undefined) return
    streams.lost = error.code ?? 'unknown'
    stderr.write(
      `registry-purge: the log cannot be written (${streams.lost}). The run goes on; the report says what was done\n`,
    )
  })
  return streams
}
