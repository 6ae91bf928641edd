// Splits source text into tokens, without white space, line breaks and comments.

import ts from 'typescript'

const { SyntaxKind } = ts

/**
 * - `key`: equal for two tokens that mean the same. A string literal's key is its value, so the kind of quotes does not count.
 * - `start`, `end`: the position of the token in the text.
 * - `optional`: the formatter adds or drops this token when it breaks or joins lines.
 * - `partner`: the index of the other parenthesis, if both are optional.
 *
 * @typedef {{ key: string, start: number, end: number, optional: boolean, partner?: number }} Token
 */

const OPENING = new Set(['(', '[', '{', '${'])
const CLOSING = new Set([')', ']', '}'])
/** A comma before one of these is a trailing comma. */
const ENDS_LIST = new Set([')', ']', '}', '>'])
/** A bar or ampersand after one of these is the leading one of a union or intersection. */
const STARTS_TYPE = new Set(['=', ':', '(', '[', '<', ',', '=>', '?', 'extends'])
/** The formatter may add or drop parentheses around an expression after one of these when it breaks or joins lines. */
const BEFORE_GROUP = new Set(['return', 'throw', '=>'])
/** A token that may end an operand. A slash after it is a division. */
const ENDS_OPERAND = new Set([')', ']', '}', 'this', 'super', 'null', 'true', 'false', '++', '--'])

/** @returns {Token} */
function tokenOf(/** @type {string} */ key, /** @type {number} */ start, /** @type {number} */ end) {
  return { key, start, end, optional: false }
}

/**
 * The tokens of a parsed file.
 * @param {ts.SourceFile} sourceFile
 * @returns {Token[]}
 */
export function tokensOfFile(sourceFile) {
  /** @type {Token[]} */
  const tokens = []
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (node.kind >= SyntaxKind.FirstJSDocNode && node.kind <= SyntaxKind.LastJSDocNode) return
    const children = node.getChildren(sourceFile)
    for (const child of children) visit(child)
    const start = node.getStart(sourceFile)
    if (children.length > 0 || start === node.end) return
    const text = sourceFile.text.slice(start, node.end)
    // Only a parser knows whether `>>` closes two type arguments or is a shift. So compare single characters.
    if (/^>[>=]+$/.test(text))
      for (const [at, sign] of [...text].entries()) tokens.push(tokenOf(sign, start + at, start + at + 1))
    else tokens.push(tokenOf(ts.isStringLiteral(node) ? stringKey(node.text) : text, start, node.end))
  }
  visit(sourceFile)
  return markOptional(tokens, sourceFile.text)
}

/**
 * The tokens of a part of source text that is not necessarily valid on its own.
 * @param {string} text
 * @returns {Token[]}
 */
export function tokensOfFragment(text) {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text)
  /** @type {Token[]} */
  const tokens = []
  /** Open braces: `${` of a template, or `{`. @type {string[]} */
  const open = []
  let operand = false
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    if ((kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken) && !operand)
      kind = rescanRegularExpression(scanner)
    if (kind === SyntaxKind.CloseBraceToken && open.pop() === '${') kind = scanner.reScanTemplateToken(false)
    if (kind === SyntaxKind.TemplateHead || kind === SyntaxKind.TemplateMiddle) open.push('${')
    if (kind === SyntaxKind.OpenBraceToken) open.push('{')
    const key =
      kind === SyntaxKind.StringLiteral ? stringKey(scanner.getTokenValue()) : scanner.getTokenText()
    operand = endsOperand(kind, key)
    tokens.push(tokenOf(key, scanner.getTokenStart(), scanner.getTokenEnd()))
  }
  return markOptional(tokens, text)
}

/** @param {ts.Scanner} scanner */
function rescanRegularExpression(scanner) {
  const whole = scanner.lookAhead(
    () => scanner.reScanSlashToken() === SyntaxKind.RegularExpressionLiteral && !scanner.isUnterminated(),
  )
  return whole ? scanner.reScanSlashToken() : scanner.getToken()
}

/**
 * @param {ts.SyntaxKind} kind
 * @param {string} key
 */
function endsOperand(kind, key) {
  return (
    kind === SyntaxKind.Identifier ||
    kind === SyntaxKind.PrivateIdentifier ||
    kind === SyntaxKind.TemplateTail ||
    (kind >= SyntaxKind.FirstLiteralToken && kind <= SyntaxKind.LastLiteralToken) ||
    // Words such as `type` or `of`, which are also used as names.
    (kind > SyntaxKind.LastFutureReservedWord && kind <= SyntaxKind.LastKeyword) ||
    ENDS_OPERAND.has(key)
  )
}

/** @param {string} value */
function stringKey(value) {
  return `string ${value}`
}

/**
 * Marks the tokens that the formatter adds or drops when it breaks lines: trailing commas, leading bars of types, and
 * parentheses around a whole expression after `return`, `throw` or `=>`.
 * @param {Token[]} tokens
 * @param {string} text
 */
function markOptional(tokens, text) {
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1]?.key ?? ''
    const next = tokens[at + 1]?.key ?? ''
    if (token.key === ',') token.optional = ENDS_LIST.has(next)
    if (token.key === '|' || token.key === '&') token.optional = STARTS_TYPE.has(before)
    if (token.key === '(' && BEFORE_GROUP.has(before)) markGroup(tokens, at, text)
  }
  return tokens
}

/**
 * @param {Token[]} tokens
 * @param {number} from the index of the opening parenthesis
 * @param {string} text
 */
function markGroup(tokens, from, text) {
  const to = closing(tokens, from)
  const [first, last] = [tokens[from], tokens[to]]
  // In `=> ({ … })` the parentheses are necessary: without them, the object would be a block.
  if (first === undefined || last === undefined || to === from + 1 || tokens[from + 1]?.key === '{') return
  const next = tokens[to + 1]
  const isWhole =
    next === undefined ||
    CLOSING.has(next.key) ||
    next.key === ',' ||
    next.key === ';' ||
    (!/^(=>|[.?&|+*/%<>=^!-])/.test(next.key) && text.slice(last.end, next.start).includes('\n'))
  if (!isWhole) return
  first.optional = last.optional = true
  first.partner = to
  last.partner = from
}

/**
 * @param {Token[]} tokens
 * @param {number} from the index of an opening bracket
 * @returns {number} the index of its closing bracket, or -1
 */
function closing(tokens, from) {
  let depth = 0
  for (let at = from; at < tokens.length; at++) {
    const key = tokens[at]?.key ?? ''
    // The parts of a template are brackets, too: `a${` … `}b${` … `}c`.
    const template = key.endsWith('${') || (key.startsWith('}') && key.endsWith('`'))
    if (OPENING.has(key) || (template && key.startsWith('`'))) depth++
    if (CLOSING.has(key) || (template && key.endsWith('`'))) depth--
    if (depth === 0) return at
  }
  return -1
}
