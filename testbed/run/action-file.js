import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '../project.js'

/**
 * @typedef {{ inputs: { name: string, default: string | undefined }[], main: string }} ActionFile
 */

/**
 * Reads the inputs and the entry point from action.yml. It is not a YAML parser, because the demo runs before any package
 * is installed: it supports only the form of that file (two spaces for each level, defaults on one line). A test compares
 * it with a real YAML parser.
 * @param {string} [path]
 * @returns {ActionFile}
 */
export function readActionFile(path = join(projectFolder, 'action.yml')) {
  /** @type {ActionFile} */
  const action = { inputs: [], main: '' }
  let section = ''
  for (const line of readFileSync(path, 'utf8').split(/\r?\n/)) {
    const [, indent = '', key = '', value = ''] = /^( *)([\w-]+):(?: +(.*))?$/.exec(line) ?? []
    // Lines with a larger indent are the text of a folded description.
    if (!key || indent.length > 4) continue
    if (indent === '') section = key
    else if (section === 'inputs' && indent.length === 2)
      action.inputs.push({ name: key, default: undefined })
    else if (section === 'inputs' && key === 'default') setDefault(action, scalar(value))
    else if (section === 'runs' && key === 'main') action.main = scalar(value)
  }
  return action
}

/**
 * @param {ActionFile} action
 * @param {string} value
 */
function setDefault(action, value) {
  const input = action.inputs.at(-1)
  if (input) input.default = value
}

/** @param {string} text */
function scalar(text) {
  if (/^[|>]/.test(text)) throw new Error('action.yml: a default on several lines is not understood here')
  const [, single] = /^'((?:[^']|'')*)'/.exec(text) ?? []
  if (single !== undefined) return single.replaceAll("''", "'")
  const [double] = /^"(?:[^"\\]|\\.)*"/.exec(text) ?? []
  if (double !== undefined) return String(JSON.parse(double))
  return text.replace(/ +#.*$/, '').trim()
}
