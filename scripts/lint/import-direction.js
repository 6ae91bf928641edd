// An ESLint rule of this repository: who in src/ may import what.
//
// The folders form a pipeline (facts, plan, act, prove), and each may import only from those before it. One table holds
// all of it, because a cycle or a short cut is how an engine that must be driven from outside learns to reach out.

import { isBuiltin } from 'node:module'
import path from 'node:path'

/**
 * What this rule reads of a syntax node.
 * @typedef {{
 *   type: string,
 *   value?: unknown,
 *   name?: string,
 *   source?: Node | null,
 *   argument?: Node & { literal?: Node },
 *   expression?: Node,
 *   arguments?: Node[],
 *   specifiers?: Node[],
 *   imported?: Node,
 *   local?: Node,
 *   importKind?: string,
 *   exportKind?: string,
 * }} Node
 *
 * @typedef {{ name: string, folder: string | null }} Module
 *
 * @typedef {{ source: string, typeOnly: boolean, names: unknown[] | null }} Import
 * `names` is null if the module is taken whole.
 *
 * @typedef {{ node: Node, messageId: string, data: { why: string } }} Problem
 * @typedef {{ cwd: string, filename: string, report: (problem: Problem) => void }} Context
 */

/**
 * For each folder, and for each file directly in src/, the folders and modules that it may import from; a folder may
 * always import from itself. `type:` allows `import type` alone, and a name with a slash is one module of a folder.
 * @type {Record<string, string[]>}
 */
export const MAY_IMPORT = {
  oci: [],
  config: ['oci'],
  registry: ['oci'],
  survey: ['oci', 'registry'],
  plan: ['oci', 'type:survey/facts', 'type:survey/problem'],
  purge: ['oci', 'registry', 'survey', 'plan'],
  proof: ['oci', 'registry', 'survey', 'plan'],
  report: ['oci', 'registry', 'survey', 'plan', 'purge', 'proof', 'type:config/settings'],
  flow: ['oci', 'registry', 'survey', 'plan', 'purge', 'proof', 'report', 'type:config/settings'],
  version: [],
  system: ['type:registry/time'],
  heap: [],
  // The one way in: it is told by whom it is run, and knows no front end.
  engine: ['oci', 'registry', 'survey', 'plan', 'flow', 'version', 'type:config/settings'],
  // A front end starts the engine and nothing behind it.
  action: ['config', 'registry', 'type:plan/journal', 'report', 'engine', 'system', 'heap', 'version'],
}

/**
 * The packages of `dependencies`, each with the only folders and modules that may load it. `src/` loads no other package.
 * @type {Record<string, string[]>}
 */
export const PACKAGES = {
  '@actions/core': ['action'],
  '@actions/github': ['action'],
  'node-fetch': ['registry/transport/transport'],
}

/** Time, randomness, files and network reach these folders as arguments only, so that one seed can drive a run. */
export const DRIVEN_FROM_OUTSIDE = ['oci', 'survey', 'plan', 'purge', 'proof']

/** Where the real network begins: a driven folder that loaded it would not be driven any more. */
const REACHES_OUT = 'registry/transport/transport'

/** What the driven folders may still load from Node: nothing in here depends on the moment or on the machine. */
const HARMLESS = ['node:assert', 'node:buffer', 'node:crypto', 'node:events', 'node:util']

/** Of node:crypto the driven folders may take hashing, and nothing that draws random bytes. */
const HASHING = ['createHash', 'hash', 'Hash', 'timingSafeEqual']

/** The folder that reads the environment. For the others `node:process` would be a way round `process.env`. */
const READS_ENVIRONMENT = 'action'

/**
 * `src/plan/graph.ts` → folder `plan`, name `plan/graph`; a file directly in src/ has the folder null.
 * @param {string} file
 * @param {string} cwd
 * @returns {Module | null}
 */
function moduleOf(file, cwd) {
  const relative = path.relative(path.join(cwd, 'src'), file).split(path.sep).join('/')
  if (relative.startsWith('../') || path.isAbsolute(relative)) return null
  const name = relative.replace(/\.[cm]?[jt]s$/, '')
  return { name, folder: name.includes('/') ? name.slice(0, name.indexOf('/')) : null }
}

/** @param {Module} module */
const shown = ({ folder, name }) => (folder === null ? `${name}.ts` : `${folder}/`)

/**
 * Why the import is not allowed, or null.
 * @param {Module} self
 * @param {Import} imported
 * @param {string} file
 * @param {string} cwd
 */
function objection(self, { source, typeOnly, names }, file, cwd) {
  const { folder } = self
  const own = shown(self)
  const driven = folder !== null && DRIVEN_FROM_OUTSIDE.includes(folder)
  if (source.startsWith('.')) {
    const target = moduleOf(path.resolve(path.dirname(file), source), cwd)
    if (target === null) return `'${source}' leaves src/`
    if (folder !== null && folder === target.folder) return null
    if (target.name === REACHES_OUT && driven) return `${own} gets the network passed in: no '${target.name}'`
    const allowed = MAY_IMPORT[folder ?? self.name]
    if (allowed === undefined) return `${own} has no place in the direction of imports`
    const fits = (/** @type {string} */ entry) => entry === target.folder || entry === target.name
    if (allowed.some(fits)) return null
    const asType = allowed.some((entry) => entry.startsWith('type:') && fits(entry.slice('type:'.length)))
    if (asType) return typeOnly ? null : `${own} may take only types from '${target.name}' (import type)`
    return `${own} may not import ${shown(target)}`
  }
  if (isBuiltin(source)) {
    if (!source.startsWith('node:')) return `write 'node:${source}'`
    if (source === 'node:process' && folder !== READS_ENVIRONMENT)
      return `only ${READS_ENVIRONMENT}/ loads '${source}'`
    if (!driven) return null
    if (!HARMLESS.includes(source))
      return `${own} gets time, randomness and network passed in: no '${source}'`
    if (source === 'node:crypto' && !names?.every((name) => HASHING.includes(String(name))))
      return `${own} may take only ${HASHING.join(', ')} from '${source}', by name`
    return null
  }
  const users = PACKAGES[source]
  if (users === undefined) return `'${source}' is not a package that src/ may load`
  const allowed = users.some((user) => user === folder || user === self.name)
  return allowed ? null : `only ${users.join(', ')} may load '${source}'`
}

/** @param {Node | null} [node] */
const literal = (node) => (node?.type === 'Literal' && typeof node.value === 'string' ? node.value : null)

/**
 * The imported names of a declaration, or null if it takes the module whole.
 * @param {Node[]} [specifiers]
 */
function namesOf(specifiers = []) {
  const names = specifiers.map((specifier) => {
    const name = specifier.type === 'ImportSpecifier' ? specifier.imported : specifier.local
    const whole = specifier.type === 'ImportDefaultSpecifier' || specifier.type === 'ImportNamespaceSpecifier'
    return whole ? null : (name?.name ?? name?.value)
  })
  return names.includes(null) ? null : names
}

export const importDirection = {
  meta: {
    type: /** @type {const} */ ('problem'),
    docs: { description: 'keeps the imports of src/ in the direction of its folders' },
    schema: [],
    messages: { direction: '{{why}}.' },
  },
  /** @param {Context} context */
  create(context) {
    const cwd = context.cwd
    const self = moduleOf(context.filename, cwd)
    if (self === null) return {}
    /**
     * @param {Node} node
     * @param {Omit<Import, 'source'> & { source: string | null }} found
     */
    const judge = (node, { source, ...found }) => {
      const why =
        source === null
          ? 'an import in src/ names its module in a plain string'
          : objection(self, { ...found, source }, context.filename, cwd)
      if (why !== null) context.report({ node, messageId: 'direction', data: { why } })
    }
    return {
      ImportDeclaration: (/** @type {Node} */ node) =>
        judge(node, {
          source: literal(node.source),
          typeOnly: node.importKind === 'type',
          names: namesOf(node.specifiers),
        }),
      ExportNamedDeclaration: (/** @type {Node} */ node) => {
        if (!node.source) return
        const typeOnly = node.exportKind === 'type'
        judge(node, { source: literal(node.source), typeOnly, names: namesOf(node.specifiers) })
      },
      ExportAllDeclaration: (/** @type {Node} */ node) =>
        judge(node, { source: literal(node.source), typeOnly: node.exportKind === 'type', names: null }),
      ImportExpression: (/** @type {Node} */ node) =>
        judge(node, { source: literal(node.source), typeOnly: false, names: null }),
      TSImportType: (/** @type {Node} */ node) =>
        judge(node, { source: literal(node.source ?? node.argument?.literal), typeOnly: true, names: [] }),
      TSExternalModuleReference: (/** @type {Node} */ node) =>
        judge(node, { source: literal(node.expression), typeOnly: false, names: null }),
      'CallExpression[callee.name="require"]': (/** @type {Node} */ node) =>
        judge(node, { source: literal(node.arguments?.[0]), typeOnly: false, names: null }),
    }
  },
}
