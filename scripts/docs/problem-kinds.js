// Reads the kinds of problems and their meanings from the types in src/. Each member of the union `Problem` has a `kind`
// and a doc comment with its meaning.

import { join } from 'node:path'
import ts from 'typescript'

const ENTRY = 'src/plan/problem.ts'

/** @typedef {{ kind: string, text: string }} Kind a kind of problem, and its doc comment */

/**
 * @param {string} folder of the project
 * @returns {Map<string, string>} the meaning of each kind of problem, sorted by kind
 * @throws Error if a kind has no doc comment, or two different ones
 */
export function problemKinds(folder) {
  const entry = join(folder, ENTRY)
  const program = ts.createProgram([entry], { noLib: true, types: [], module: ts.ModuleKind.NodeNext })
  const file = program.getSourceFile(entry)
  const union = file?.statements.filter(ts.isTypeAliasDeclaration).find(({ name }) => name.text === 'Problem')
  if (union === undefined) throw new Error(`${ENTRY} must declare the type Problem`)
  /** @type {Map<string, string>} */
  const kinds = new Map()
  for (const { kind, text } of members(union.type, '', program.getTypeChecker())) {
    if (text === '') throw new Error(`The problem '${kind}' needs a doc comment`)
    if ((kinds.get(kind) ?? text) !== text) throw new Error(`The problem '${kind}' has two doc comments`)
    kinds.set(kind, text)
  }
  return new Map([...kinds].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/**
 * Every member of a union that has a `kind`.
 * @param {ts.TypeNode} node
 * @param {string} outer the doc comment around the type
 * @param {ts.TypeChecker} checker
 * @returns {Kind[]}
 */
function members(node, outer, checker) {
  const text = commentBefore(node) || outer
  if (ts.isParenthesizedTypeNode(node)) return members(node.type, text, checker)
  if (ts.isUnionTypeNode(node)) return node.types.flatMap((each) => members(each, '', checker))
  if (ts.isIntersectionTypeNode(node)) return node.types.flatMap((each) => members(each, text, checker))
  if (ts.isTypeLiteralNode(node)) return kindsIn(node, text)
  if (!ts.isTypeReferenceNode(node)) return []
  const symbol = checker.getSymbolAtLocation(node.typeName)
  const target =
    symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const declaration = target?.declarations?.[0]
  if (declaration === undefined) throw new Error(`${node.getText()} cannot be found`)
  const own = text || commentBefore(declaration)
  if (ts.isInterfaceDeclaration(declaration)) return kindsIn(declaration, own)
  return ts.isTypeAliasDeclaration(declaration) ? members(declaration.type, own, checker) : []
}

/**
 * @param {ts.InterfaceDeclaration | ts.TypeLiteralNode} type
 * @param {string} text
 * @returns {Kind[]}
 */
function kindsIn({ members }, text) {
  const property = members
    .filter(ts.isPropertySignature)
    .find((each) => ts.isIdentifier(each.name) && each.name.text === 'kind')
  if (property?.type === undefined) return []
  const types = ts.isUnionTypeNode(property.type) ? [...property.type.types] : [property.type]
  return types.flatMap((type) =>
    ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [{ kind: type.literal.text, text }] : [],
  )
}

/**
 * The doc comment that ends right before a node, or before the `|` and `(` in front of it.
 * @param {ts.Node} node
 */
function commentBefore(node) {
  const source = node.getSourceFile().text.slice(0, node.getStart())
  const [, comment = ''] = /\/\*\*((?:(?!\*\/)[^])*)\*\/[\s|(]*$/.exec(source) ?? []
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .trim()
}
