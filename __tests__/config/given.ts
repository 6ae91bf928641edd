import { DECLARED, type InputName } from '../../src/config/declared.js'
import { readInputs, type Read } from '../../src/config/inputs.js'
import type { InputProblem } from '../../src/config/problem.js'
import type { Settings } from '../../src/config/settings.js'

export type Given = Partial<Record<InputName, string>>

const NOW = Date.UTC(2026, 5, 1)
export const IMAGE = { image: 'registry.example.com/acme/app:1' }

export function readOnly(given: Readonly<Record<string, string>>): Read {
  return readInputs(new Map(Object.entries(given)), NOW)
}

/** As the runner hands inputs over: every declared one, without a default as an empty text. */
export function read(given: Given, more: Record<string, string> = {}): Read {
  const all = Object.entries(DECLARED).map(([name, value]) => [name, value ?? ''])
  return readOnly({ ...Object.fromEntries(all), ...IMAGE, ...given, ...more })
}

const textsOf = (problems: readonly InputProblem[]): string[] => problems.map(({ text }) => text)

export function settings(given: Given): Settings {
  const { settings, problems } = read(given)
  if (settings === undefined) throw new Error(textsOf(problems).join('\n'))
  return settings
}

export function problems(given: Given, more: Record<string, string> = {}): readonly string[] {
  const { settings, problems } = read(given, more)
  if (settings !== undefined) throw new Error('there was no problem')
  return textsOf(problems)
}
