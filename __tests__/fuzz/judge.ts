import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ActionResult } from '../../testbed/run/runner.js'
import { expectSoundRun } from '../e2e/support/sound-run.js'
import { applyMasks, maskForms, parseOutput, type ParsedOutput } from '../support/runner-commands.js'
import { rendered } from './markdown.js'
import { unseenIn } from './unseen.js'

/** What was seen of a run from outside. */
export interface Seen {
  readonly run: ActionResult
  readonly password: string
  readonly basic: string
  /** Every text that came over the wire, to tell which lines it made. */
  readonly wire: readonly string[]
  /** Where it connected to, and the most memory that it held at once, in KiB. */
  readonly watched: { readonly places: readonly string[]; readonly peak: number }
  /** Hosts of this test. */
  readonly hosts: readonly string[]
}

/** The limits of the run, the time for what is in flight, and a slow machine. */
const LONGEST = 45_000
const MEMORY = 300 << 10
const OURS = ['add-mask', 'group', 'endgroup', 'error', 'warning', 'notice', 'debug']
/** So much of a secret may stand nowhere. */
const BEGINNING = 5
/** A line is somebody else's when it begins with so many letters of what the wire said after a line break. */
const TELLING = 9

/** What is wrong with what a run wrote and did, whatever it was answered. */
export function wrongWithRun(seen: Seen): string[] {
  const { run } = seen
  const output = parseOutput(run.log)
  return [
    ...unsound(seen, output),
    ...(run.ms > LONGEST ? [`it took long: ${run.ms} ms`] : []),
    ...(seen.watched.peak > MEMORY ? [`it took much memory: ${seen.watched.peak >> 10} MiB`] : []),
    ...strangeCommands(seen, output),
    ...forgedLines(seen, output),
    ...unseen(seen, output),
    ...rendered(run.summary).map((what) => `the summary renders ${what}`),
    ...secrets(seen),
    ...strangePlaces(seen),
  ]
}

function unsound({ run, password }: Seen, output: ParsedOutput): string[] {
  try {
    expectSoundRun(run, output, password)
    return []
  } catch (error) {
    const { message, stack = '' } = error as Error
    const text = message.replace(/\u001b\[\d+m/g, '').slice(0, 1000)
    return [`not sound (${/sound-run\.ts:\d+/.exec(stack)?.[0].replace(':', ', line ') ?? ''}): ${text}`]
  }
}

function strangeCommands({ run, password, basic }: Seen, output: ParsedOutput): string[] {
  const own = new Set([...maskForms(password), ...maskForms(basic), basic])
  const said = JSON.stringify([run.log.replace(/^::add-mask::.*$/gm, ''), run.summary, run.outputs])
  const files = ['env', 'path', 'state'].filter(
    (name) => readFileSync(join(run.folder, 'commands', name), 'utf8') !== '',
  )
  return [
    ...output.commands
      .filter(
        ({ name, version, properties }) =>
          !OURS.includes(name) || version === 1 || Object.keys(properties).length > 0,
      )
      .map(({ raw }) => `a command that is not ours: ${JSON.stringify(raw.slice(0, 300))}`),
    // Tokens are masked as well, and no token may be a word of ours.
    ...output.masks
      .filter((mask) => !own.has(mask) && applyMasks(said, [mask]) !== said)
      .map((mask) => `a mask from the wire blanks what the run says: ${JSON.stringify(mask)}`),
    ...files.map((name) => `something was written to GITHUB_${name.toUpperCase()}: it is never used`),
  ]
}

/** The line of the log that lists the tags of the scene. A hostile text may hold the same names in the same order. */
const TAGS = /^debug-42(?:, [\w.-]+)*$/

/** Lines that begin with what stood behind a line break on the wire. */
function forgedLines({ wire }: Seen, output: ParsedOutput): string[] {
  const letters = (text: string): string => text.replace(/\\u[0-9a-f]{4}/g, '').replace(/[^\p{L}\p{N}]/gu, '')
  const tails = wire.flatMap((text) => text.split(/[\r\n\v\f\u0085\u2028\u2029]+/).slice(1))
  const starts = [...new Set(tails.map((tail) => letters(tail).slice(0, 20)))].filter(
    ({ length }) => length >= TELLING,
  )
  const lines = [...output.text, ...output.annotations.flatMap(({ message }) => message.split('\n'))]
  return lines
    .filter((line) => !TAGS.test(line) && starts.some((start) => letters(line).startsWith(start)))
    .map((line) => `a line that the wire made: ${JSON.stringify(line.slice(0, 300))}`)
}

function unseen({ run }: Seen, output: ParsedOutput): string[] {
  const texts = {
    log: run.log,
    annotations: output.annotations.map(({ message }) => message).join('\n'),
    outputs: Object.values(run.outputs).join('\n'),
    report: run.reportPath === undefined ? '' : readFileSync(run.reportPath, 'utf8'),
  }
  return Object.entries(texts).flatMap(([where, text]) =>
    unseenIn(text).map((line) => `something unseen in the ${where}: ${line}`),
  )
}

/** Not even the beginning of one, as it is left where a text was cut. */
function secrets({ run, password, basic }: Seen): string[] {
  const pieces = [password.slice(0, BEGINNING), basic.slice(0, 2 * BEGINNING)]
  const texts = {
    log: run.log.replace(/^::add-mask::.*$/gm, ''),
    summary: run.summary,
    report: JSON.stringify(run.report),
    outputs: JSON.stringify(run.outputs),
  }
  return Object.entries(texts).flatMap(([where, text]) =>
    pieces.flatMap((piece) => {
      const at = text.indexOf(piece)
      return at < 0
        ? []
        : [`a part of the password in the ${where}: ${text.slice(Math.max(0, at - 200), at + 40)}`]
    }),
  )
}

function strangePlaces({ watched, hosts }: Seen): string[] {
  return watched.places
    .filter((place) => !hosts.includes(place) && !/\.invalid:\d+$/.test(place))
    .map((place) => `it connected to another place: ${place}`)
}
