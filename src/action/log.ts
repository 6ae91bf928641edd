import * as core from '@actions/core'
import type { Log } from '../report/log/log.js'
import { plain } from '../report/text.js'

/** The runner keeps 10 annotations of a kind for each step; the rest is in the log only. */
const ANNOTATIONS = 9
const LONGEST = 4000

/**
 * @param redact takes secrets out of a text. The runner masks them as well, but what is never printed needs no mask
 * @returns a log of workflow commands: groups and annotations
 */
export function actionsLog(redact: (text: string) => string): Log {
  let warnings = 0
  let errors = 0
  const safely = (text: string): string => plain(redact(text))
  const info = (text: string): void => core.info(safely(text))
  const cut = (text: string): string => {
    const safe = safely(text)
    return safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe
  }
  return {
    begin: (title) => core.startGroup(safely(title)),
    end: () => core.endGroup(),
    info,
    notice: (text) => core.notice(cut(text)),
    warning: (text) => (warnings++ < ANNOTATIONS ? core.warning(cut(text)) : info(`Warning: ${text}`)),
    error: (text) => (errors++ < ANNOTATIONS ? core.error(cut(text)) : info(`Error: ${text}`)),
    debug: (text) => core.debug(cut(text)),
  }
}
