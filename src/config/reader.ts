import type { Parsed } from '../oci/parsed.js'
import { DECLARED, type InputName } from './declared.js'
import type { InputProblem } from './problem.js'
import { quoted, splitList, trim } from './text/values.js'

/** Inputs whose value is never repeated in a message. */
const SECRET: ReadonlySet<InputName> = new Set<InputName>([
  'password',
  'ca-certificate',
  'client-certificate',
  'client-key',
])

/** Returns the text of each input, and collects the problems. */
export class InputReader {
  readonly problems: InputProblem[] = []
  readonly #given: ReadonlyMap<string, string>

  /** @param given the texts by the names of their inputs */
  constructor(given: ReadonlyMap<string, string>) {
    this.#given = given
  }

  /** @returns the trimmed text of an input, or its default if it is not given; '' if there is neither */
  text(name: InputName): string {
    return trim(this.#given.get(name) ?? DECLARED[name] ?? '')
  }

  /** @returns the entries of an input that is a list */
  list(name: InputName): string[] {
    return splitList(this.text(name))
  }

  /** Adds a problem that begins with the input's name. */
  addProblem(input: InputName, what: string): void {
    this.problems.push({ kind: 'input', input, text: `${input}: ${what}` })
  }

  /** Adds a problem of several inputs together. */
  addSharedProblem(inputs: readonly [InputName, ...InputName[]], what: string): void {
    this.problems.push({ kind: 'input', input: inputs[0], text: `${inputs.join(', ')}: ${what}` })
  }

  /** Adds a problem that quotes the value, or the entry of a list. The query of an address may hold a secret. */
  addValueProblem(input: InputName, value: string, what: string): void {
    const shown = input === 'registry' ? value.replace(/[?#][^]*$/, '?…') : value
    this.addProblem(input, SECRET.has(input) ? what : `${quoted(shown)}: ${what}`)
  }

  /** @returns the parsed value; the fallback if the input is empty or wrong. A wrong input adds a problem */
  parse<T>(name: InputName, parser: (text: string) => Parsed<T>, fallback: T): T {
    const text = this.text(name)
    if (text === '') return fallback
    const parsed = parser(text)
    if ('value' in parsed) return parsed.value
    this.addValueProblem(name, text, parsed.wrong)
    return fallback
  }

  /** Adds a problem for each empty input with a default: an expression in the workflow is probably misspelt. */
  checkDefaults(): void {
    for (const [name, value] of Object.entries(DECLARED) as [InputName, string | undefined][]) {
      const given = this.#given.get(name)
      if (value !== undefined && given !== undefined && trim(given) === '')
        this.addProblem(
          name,
          `it is empty, although it has a default. Is an expression misspelt? Leave the input out, or write \${{ … || '${value}' }}`,
        )
    }
  }
}
