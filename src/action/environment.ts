import { DECLARED } from '../config/declared.js'

const PREFIX = 'INPUT_'

/** Environment variables, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** @returns the variable that the runner sets for an input: in upper case, with `_` for blanks; hyphens are kept */
export function variableOf(name: string): string {
  return `${PREFIX}${name.replaceAll(' ', '_').toUpperCase()}`
}

/**
 * Finds the inputs among the environment variables.
 *
 * @returns the texts by the names of their inputs. A variable of no declared input keeps its name in upper case, so it
 *   differs from every declared name
 */
export function inputsIn(environment: Environment): Map<string, string> {
  const names = new Map(Object.keys(DECLARED).map((name) => [variableOf(name), name]))
  const inputs = new Map<string, string>()
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || !variable.toUpperCase().startsWith(PREFIX)) continue
    inputs.set(names.get(variable) ?? variable.slice(PREFIX.length).toUpperCase(), text)
  }
  return inputs
}

/** @returns the environment for other programs, without the inputs, which they must not see */
export function withoutInputs(environment: Environment): Environment {
  const isInput = (variable: string): boolean => variable.toUpperCase().startsWith(PREFIX)
  return Object.fromEntries(Object.entries(environment).filter(([variable]) => !isInput(variable)))
}
