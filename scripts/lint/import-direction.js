// An ESLint rule of this repository: which files in src/ may import which.
//
// The folders form a pipeline (facts, plan, act, prove), and each may import only from those before it. One table holds all
// allowed imports. It prevents cycles, and keeps time, randomness and network out of the engine, which gets them as
// parameters.

import { isBuiltin } from 'node:module'
import path from 'node:path'

/**
 * The properties of a syntax node that this rule reads.
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
 * `names` is null if the whole module is imported.
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
  // The only entry point. It does not depend on a front end.
  engine: ['oci', 'registry', 'survey', 'plan', 'flow', 'version', 'type:config/settings'],
  // A front end starts the engine, and uses nothing behind it.
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

/** The module that opens real connections. A driven folder must not load it. */
const REACHES_OUT = 'registry/transport/transport'

/** Node's modules that the driven folders may load: none of them depends on the time or the machine. */
const HARMLESS = ['node:assert', 'node:buffer', 'node:crypto', 'node:events', 'node:util']

/** The names that the driven folders may import from node:crypto: hashing, but no random bytes. */
const HASHING = ['createHash', 'hash', 'Hash', 'timingSafeEqual']

/** The folder that may read the environment. Another lint rule forbids `process.env`; this one forbids `node:process`. */
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
 * The imported names of a declaration, or null if it imports the whole module.
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
