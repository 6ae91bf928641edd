import * as core from '@actions/core'
import type { Log } from '../report/log/log.js'
import { plain } from '../report/text.js'

/** Annotations of a kind, at most. The runner keeps 10 for each step; further ones are only in the log. */
const ANNOTATIONS = 9
/** Characters of an annotation. */
const LONGEST = 4000

/**
 * Makes a log that writes workflow commands of the runner: groups and annotations.
 *
 * @param redact removes secrets from a text. The runner masks them as well, but it can miss other forms of a secret
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
