// Finds a mutant's `from` in a source file. Compares tokens instead of characters, so a reformatted line still matches.

import ts from 'typescript'
import { tokensOfFile, tokensOfFragment } from './tokens.js'

/**
 * @typedef {import('./tokens.js').Token} Token
 * @typedef {{ start: number, end: number }} Range
 * @typedef {{ from: string, inside?: string }} Anchor
 *
 * A parsed source file.
 * @typedef {{ sourceFile: ts.SourceFile, tokens: Token[] }} Parsed
 */

/**
 * @param {string} text of a TypeScript file
 * @returns {Parsed}
 */
export function parse(text) {
  const sourceFile = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS)
  return { sourceFile, tokens: tokensOfFile(sourceFile) }
}

/**
 * Every place that the anchor matches. A valid mutant has exactly one.
 * @param {Parsed} parsed
 * @param {Anchor} anchor
 * @returns {Range[]}
 */
export function rangesOf({ sourceFile, tokens }, { from, inside }) {
  const wanted = tokensOfFragment(from)
  const scopes = inside === undefined ? undefined : declarationsOf(sourceFile, inside)
  /** @type {Range[]} */
  const ranges = []
  for (let at = 0; wanted.length > 0 && at < tokens.length; at++) {
    const range = matchAt(tokens, at, wanted).range
    if (range === undefined) continue
    if (scopes?.some(({ start, end }) => start <= range.start && range.end <= end) ?? true) ranges.push(range)
  }
  return ranges
}

/**
 * @param {string} text
 * @param {Range} range
 * @param {string} to
 */
export function replace(text, { start, end }, to) {
  return text.slice(0, start) + to + text.slice(end)
}

/**
 * Describes why the anchor does not match, by the place that matches the most of it.
 * @param {Parsed} parsed
 * @param {Anchor} anchor
 * @returns {string}
 */
export function nearMiss({ sourceFile, tokens }, { from, inside }) {
  if (inside !== undefined && declarationsOf(sourceFile, inside).length === 0)
    return `nothing is declared as ${inside}`
  const wanted = tokensOfFragment(from)
  let most = { matched: 0, next: 0 }
  for (let at = 0; at < tokens.length; at++) {
    const { matched, next } = matchAt(tokens, at, wanted)
    if (matched > most.matched) most = { matched, next }
  }
  const [expected, found] = [wanted[most.matched], tokens[most.next]]
  if (most.matched === 0 || expected === undefined || found === undefined) return 'no part of it is there'
  const { line } = sourceFile.getLineAndCharacterOfPosition(found.start)
  const [wantedText, foundText] = [
    from.slice(expected.start, expected.end),
    sourceFile.text.slice(found.start, found.end),
  ]
  return `the closest place is line ${line + 1}, which has ${foundText} and not ${wantedText} after ${from.slice(0, expected.start).trim()}`
}

/**
 * Compares the tokens from one position on.
 * @param {Token[]} tokens of the file
 * @param {number} first
 * @param {Token[]} wanted
 * @returns {{ matched: number, next: number, range?: Range }} how many of the wanted tokens match, and which token comes next
 */
function matchAt(tokens, first, wanted) {
  const [file, fragment] = [skipper(tokens), skipper(wanted)]
  let at = first
  let matched = 0
  while (matched < wanted.length) {
    if (file.owes(at)) at++
    else if (fragment.owes(matched)) matched++
    else if (tokens[at]?.key === wanted[matched]?.key) {
      at++
      matched++
    } else if (matched > 0 && file.skips(at)) at++
    else if (matched > 0 && fragment.skips(matched)) matched++
    else return { matched, next: at }
  }
  // Replace both parentheses of a pair, or neither.
  while (file.owes(at)) at++
  const [start, end] = [tokens[first], tokens[at - 1]]
  if (file.isOpen() || fragment.isOpen() || start === undefined || end === undefined)
    return { matched, next: at }
  return { matched, next: at, range: { start: start.start, end: end.end } }
}

/**
 * Records the skipped parentheses, so that their partners are skipped as well.
 * @param {Token[]} tokens
 */
function skipper(tokens) {
  /** @type {Set<number>} */
  const owed = new Set()
  return {
    /** Whether this token closes a pair whose opening parenthesis was skipped. */
    owes: (/** @type {number} */ at) => owed.delete(at),
    /** Skips this token if it is optional. */
    skips(/** @type {number} */ at) {
      const token = tokens[at]
      if (!token?.optional || (token.partner !== undefined && token.partner < at)) return false
      if (token.partner !== undefined) owed.add(token.partner)
      return true
    },
    isOpen: () => owed.size > 0,
  }
}

/**
 * The declarations of this name: functions, methods, classes, properties, variables, types.
 * @param {ts.SourceFile} sourceFile
 * @param {string} name
 * @returns {Range[]}
 */
function declarationsOf(sourceFile, name) {
  /** @type {Range[]} */
  const ranges = []
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (declaredName(node, sourceFile) === name)
      ranges.push({ start: node.getStart(sourceFile), end: node.end })
    ts.forEachChild(node, visit)
  }
  visit(sourceFile)
  return ranges
}

/**
 * @param {ts.Node} node
 * @param {ts.SourceFile} sourceFile
 */
function declaredName(node, sourceFile) {
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  if (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isClassElement(node)
  )
    return node.name?.getText(sourceFile)
  return undefined
}
