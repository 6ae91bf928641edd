import { lower, parseCommand, type ParsedCommand } from './runner/command.js'

export { applyMasks, maskForms } from './runner/masks.js'

export interface WorkflowCommand extends ParsedCommand {
  /** The number of its line, from 1. */
  readonly line: number
  /** The line as it was written. */
  readonly raw: string
}

export interface LogGroup {
  readonly title: string
  /** Its text; commands are no text. */
  readonly lines: string[]
  /** Whether it was ended by `endgroup`, and not by the next group or the end of the output. */
  closed: boolean
}

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
  /** The title of the group it stands in: there it is folded away. */
  readonly group: string | undefined
}

export interface ParsedOutput {
  readonly commands: WorkflowCommand[]
  /** All lines that are no commands. */
  readonly text: string[]
  readonly groups: LogGroup[]
  /** The lines that stand in no group. */
  readonly outside: string[]
  readonly annotations: Annotation[]
  /** Every masked value, and each line of one that has several. */
  readonly masks: string[]
  /** What a runner refuses or shows wrongly: a forbidden command, a useless stop token, groups that do not pair. */
  readonly problems: string[]
}

/**
 * What GitHub's runner makes of a step's output. A line that looks like text but is a command in here is one that
 * would act in a real workflow.
 */
export function parseOutput(output: string): ParsedOutput {
  const reader = new Reader()
  for (const line of linesOf(output)) reader.read(line)
  return reader.end()
}

/** Lines as the runner's stream reader splits them: a carriage return ends a line too, and a mark at the start goes. */
export function linesOf(output: string): string[] {
  const lines = output.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** All but `internal-set-repo-path` are open to every step; that one the runner reserves, so that its use shows. */
const REGISTERED = [
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'internal-set-repo-path',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]
const FORBIDDEN = ['add-path', 'internal-set-repo-path', 'set-env']

class Reader {
  readonly #output: ParsedOutput = {
    commands: [],
    text: [],
    groups: [],
    outside: [],
    annotations: [],
    masks: [],
    problems: [],
  }
  readonly #registered = new Set(REGISTERED)
  #stopToken: string | undefined
  #group: LogGroup | undefined
  #number = 0

  read(raw: string): void {
    this.#number += 1
    const parsed = parseCommand(raw, this.#registered)
    if (parsed === undefined || (this.#stopToken !== undefined && parsed.name !== this.#stopToken)) {
      this.#text(raw)
      return
    }
    const command = { ...parsed, line: this.#number, raw }
    this.#output.commands.push(command)
    if (this.#stopToken === undefined) this.#act(command)
    else this.#resume(this.#stopToken)
  }

  end(): ParsedOutput {
    if (this.#group !== undefined) this.#problem(`group "${this.#group.title}" is never ended`)
    if (this.#stopToken !== undefined) this.#problem('commands are stopped and never resumed')
    return this.#output
  }

  #text(line: string): void {
    this.#output.text.push(line)
    const place = this.#group?.lines ?? this.#output.outside
    place.push(line)
  }

  #act(command: WorkflowCommand): void {
    if (FORBIDDEN.includes(command.name)) this.#problem(`${command.name} is not allowed in a step`)
    switch (command.name) {
      case 'add-mask':
        return this.#mask(command.message)
      case 'stop-commands':
        return this.#stop(command.message)
      case 'group':
        return this.#begin(command.message)
      case 'endgroup':
        return this.#endGroup()
      case 'error':
      case 'warning':
      case 'notice':
        this.#output.annotations.push({
          level: command.name,
          title: command.properties['title'] ?? '',
          message: command.message,
          group: this.#group?.title,
        })
        return undefined
      default:
        return undefined
    }
  }

  #mask(value: string): void {
    if (value.trim() === '') return this.#problem('an empty value cannot be masked')
    const values = [value, ...value.split(/[\r\n]/)].filter((part) => part !== '')
    this.#output.masks.push(...new Set(values.filter((part) => !this.#output.masks.includes(part))))
  }

  #stop(token: string): void {
    const name = lower(token)
    // A runner fails the step at such a token: it would never come back, or come back at once.
    if (token === '' || name === 'pause-logging' || this.#registered.has(name)) {
      return this.#problem(`"${token}" is no token to stop commands with`)
    }
    this.#stopToken = name
    this.#registered.add(name)
  }

  #resume(token: string): void {
    this.#registered.delete(token)
    this.#stopToken = undefined
  }

  #begin(title: string): void {
    // Groups do not nest: the log viewer ends the one before.
    if (this.#group !== undefined) this.#problem(`group "${title}" begins inside of "${this.#group.title}"`)
    this.#group = { title, lines: [], closed: false }
    this.#output.groups.push(this.#group)
  }

  #endGroup(): void {
    if (this.#group === undefined) return this.#problem('endgroup without a group')
    this.#group.closed = true
    this.#group = undefined
  }

  #problem(text: string): void {
    this.#output.problems.push(`line ${this.#number}: ${text}`)
  }
}
