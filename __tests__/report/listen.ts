import type { Log } from '../../src/report/log/log.js'

/** A log that keeps what it is told, a line each: its kind and its text. */
export function listen(): { log: Log; lines: string[] } {
  const lines: string[] = []
  const add =
    (kind: keyof Log) =>
    (text = ''): void =>
      void lines.push(`${kind}: ${text}`)
  return {
    log: {
      begin: add('begin'),
      end: add('end'),
      info: add('info'),
      notice: add('notice'),
      warning: add('warning'),
      error: add('error'),
      debug: add('debug'),
    },
    lines,
  }
}
