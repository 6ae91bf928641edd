/** Whether the log could be written. */
export interface Streams {
  /** The code of the error that ended the log, such as EPIPE. Undefined while the log is complete. */
  readonly lost: string | undefined
}

/**
 * Keeps the process alive if its output cannot be written (closed pipe, full disk): a purge must not end halfway because
 * of its log. Reports the loss once, on standard error.
 */
export function guardStreams({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): Streams {
  const streams: { lost: string | undefined } = { lost: undefined }
  stderr.on('error', () => undefined)
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (streams.lost !== undefined) return
    streams.lost = error.code ?? 'unknown'
    stderr.write(
      `registry-purge: the log cannot be written (${streams.lost}). The run continues; the report lists what was done\n`,
    )
  })
  return streams
}
