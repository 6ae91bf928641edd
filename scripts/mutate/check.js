// Checks that the mutants still match the source, without running any test.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { nearMiss, parse, rangesOf } from './anchor.js'

/** @typedef {import('../mutants/all.js').Mutant} Mutant */

/**
 * Checks that each mutant's anchor matches exactly once, that its test file exists, and that the mutant is listed with its source folder.
 * @param {Record<string, Mutant[]>} byFolder the mutants of each folder of `src/`, those of its own files as `src`
 * @param {string} root the project's folder
 * @returns {string[]} the problems
 */
export function problemsOf(byFolder, root) {
  const source = sourceIn(root)
  return Object.entries(byFolder).flatMap(([folder, mutants]) =>
    mutants.flatMap((mutant) =>
      [placeProblem(mutant, folder), anchorProblem(mutant, source), testProblem(mutant, root)]
        .filter((problem) => problem !== undefined)
        .map((problem) => `${mutant.file}: ${mutant.rule}: ${mutant.what}\n  ${problem}`),
    ),
  )
}

/**
 * @param {Mutant} mutant
 * @param {string} folder
 */
function placeProblem({ file }, folder) {
  const [, first = '', second] = file.split('/')
  const home = second === undefined ? 'src' : first
  return home === folder ? undefined : `It is listed in ${folder}.js. Move it to scripts/mutants/${home}.js.`
}

/**
 * @param {Mutant} mutant
 * @param {string} root
 */
function testProblem({ test: [file] }, root) {
  return existsSync(path.join(root, file)) ? undefined : `Its test file does not exist: ${file}`
}

/**
 * @param {Mutant} mutant
 * @param {Source} source
 */
function anchorProblem(mutant, source) {
  const parsed = source.parsed(mutant.file)
  const count = parsed === undefined ? 0 : rangesOf(parsed, mutant).length
  if (count === 1) return undefined
  const anchor = `Its anchor: ${JSON.stringify(mutant.from)}`
  if (parsed !== undefined && count > 1)
    return `It matches ${count} times. Lengthen \`from\`, or add \`inside\`.\n  ${anchor}`
  const why =
    parsed === undefined ? 'The file does not exist.' : `It matches nowhere: ${nearMiss(parsed, mutant)}.`
  const elsewhere = source.files.filter((file) => {
    const other = file === mutant.file ? undefined : source.parsed(file)
    return other !== undefined && rangesOf(other, mutant).length > 0
  })
  return `${why}${elsewhere.length > 0 ? ` It matches in ${elsewhere.join(', ')}.` : ''}\n  ${anchor}`
}

/** @typedef {{ files: string[], parsed: (file: string) => import('./anchor.js').Parsed | undefined }} Source */

/**
 * The files below `src/`. Each is parsed once.
 * @param {string} root
 * @returns {Source}
 */
function sourceIn(root) {
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join('src', file.replaceAll(path.sep, '/')))
    .filter((file) => file.endsWith('.ts'))
    .sort()
  /** @type {Map<string, import('./anchor.js').Parsed>} */
  const known = new Map()
  const parsed = (/** @type {string} */ file) => {
    if (!known.has(file) && files.includes(file))
      known.set(file, parse(readFileSync(path.join(root, file), 'utf8')))
    return known.get(file)
  }
  return { files, parsed }
}
