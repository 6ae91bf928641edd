import { DECLARED, type InputName } from './declared.js'
import type { InputReader } from './reader.js'
import { isPathLike } from './text/authorities.js'
import { withoutCredentials } from './text/values.js'

const NOT_SHOWN = '(not shown)'

/**
 * Returns the inputs in force without secrets, for the log, the summary and the report.
 *
 * @param origin the registry of the run, if it is known
 * @param asOf the time at which ages are computed, in milliseconds since the epoch; undefined for an incident
 * @param keyPath the path in `client-key`, if the file was read; any other text there may be a key
 */
export function showInputs(
  reader: InputReader,
  origin: string | undefined,
  asOf: number | undefined,
  keyPath: string | undefined,
): Record<string, string> {
  const all: Record<string, string> = {}
  for (const name of Object.keys(DECLARED) as InputName[]) {
    const text = reader.text(name)
    const shown = text === '' ? undefined : showInput(name, text, keyPath)
    if (shown !== undefined) all[name] = shown
  }
  if (origin !== undefined) all['registry'] = origin
  if (asOf !== undefined) all['as-of'] = new Date(asOf).toISOString()
  return all
}

/** @returns undefined if the input is not shown at all */
function showInput(name: InputName, text: string, keyPath: string | undefined): string | undefined {
  switch (name) {
    case 'password':
    case 'registry':
      return undefined
    case 'username':
      // The text after a colon may be a password.
      return text.includes(':') ? undefined : withoutCredentials(text)
    case 'client-key':
      return keyPath ?? NOT_SHOWN
    case 'ca-certificate':
    case 'client-certificate':
      if (text.includes('-----BEGIN CERTIFICATE-----')) return '(PEM text)'
      return isPathLike(text) ? withoutCredentials(text) : NOT_SHOWN
    default:
      return withoutCredentials(text)
  }
}
