// An ESLint rule of this repository: who in src/ may import what.
//
// The folders form a pipeline (facts, plan, act, prove) and each may look only at what stands before it. Kept as one
// table, because a cycle or a short cut is how an engine that must be driven from outside quietly learns to reach out.

import { isBuiltin } from 'node:module'
import path from 'node:path'

/**
 * For each folder the folders it may import from, itself always included. `type:` allows `import type` alone, and
 * a name with a slash is one module instead of the whole folder. The files directly in src/ may import everything.
 */
export const MAY_IMPORT = {
  oci: [],
  config: ['oci'],
  registry: ['oci'],
  survey: ['oci', 'registry'],
  plan: ['oci', 'type:survey/facts'],
  purge: ['oci', 'registry', 'survey', 'plan'],
  proof: ['oci', 'registry', 'survey', 'plan'],
  report: ['oci', 'registry', 'survey', 'plan', 'purge', 'proof', 'type:config/settings'],
  flow: ['oci', 'registry', 'survey', 'plan', 'purge', 'proof', 'report', 'type:config/settings'],
}

/** The packages of `dependencies`, each with the only modules that may load it. No other package is loaded at all. */
export const PACKAGES = {
  '@actions/core': ['report/log', 'report/outputs', 'report/summary', 'main'],
  '@actions/github': ['main'],
  'node-fetch': ['registry/transport'],
}

/** Time, randomness, files and network reach these folders as arguments only, so that one seed can drive a run. */
export const DRIVEN_FROM_OUTSIDE = ['oci', 'survey', 'plan', 'purge', 'proof']

/** Where the real network begins: a driven folder that loaded it would not be driven any more. */
const REACHES_OUT = 'registry/transport'

/** What the driven folders may still load from Node: nothing in here depends on the moment or on the machine. */
const HARMLESS = ['node:assert', 'node:buffer', 'node:crypto', 'node:events', 'node:util']

/** Of node:crypto the driven folders may take hashing, and nothing that draws random bytes. */
const HASHING = ['createHash', 'hash', 'Hash', 'timingSafeEqual']

/** The environment is read by config/ and main.ts; this module would be a way round `process.env`. */
const READS_ENVIRONMENT = (self) => self.folder === 'config' || self.name === 'main'

/** `src/plan/graph.ts` → folder `plan`, name `plan/graph`; a file directly in src/ has the folder null. */
function moduleOf(file, cwd) {
  const relative = path.relative(path.join(cwd, 'src'), file).split(path.sep).join('/')
  if (relative.startsWith('../') || path.isAbsolute(relative)) return null
  const name = relative.replace(/\.[cm]?[jt]s$/, '')
  return { name, folder: name.includes('/') ? name.slice(0, name.indexOf('/')) : null }
}

/** Why the import is not allowed, or null. */
function objection(self, { source, typeOnly, names }, file, cwd) {
  if (source.startsWith('.')) {
    const target = moduleOf(path.resolve(path.dirname(file), source), cwd)
    if (target === null) return `'${source}' leaves src/`
    if (self.folder === null || self.folder === target.folder) return null
    if (target.folder === null) return `${self.folder}/ may not import '${target.name}' of the top level`
    if (target.name === REACHES_OUT && DRIVEN_FROM_OUTSIDE.includes(self.folder))
      return `${self.folder}/ gets the network passed in: no '${target.name}'`
    const allowed = MAY_IMPORT[self.folder]
    if (allowed === undefined) return `the folder ${self.folder}/ has no place in the direction of imports`
    const fits = (entry) => entry === target.folder || entry === target.name
    if (allowed.some(fits)) return null
    const asType = allowed.some((entry) => entry.startsWith('type:') && fits(entry.slice('type:'.length)))
    if (asType)
      return typeOnly ? null : `${self.folder}/ may take only types from '${target.name}' (import type)`
    return `${self.folder}/ may not import ${target.folder}/`
  }
  if (isBuiltin(source)) {
    if (!source.startsWith('node:')) return `write 'node:${source}'`
    if (source === 'node:process' && !READS_ENVIRONMENT(self))
      return `only config/ and main.ts load '${source}'`
    if (!DRIVEN_FROM_OUTSIDE.includes(self.folder)) return null
    if (!HARMLESS.includes(source))
      return `${self.folder}/ gets time, randomness and network passed in: no '${source}'`
    if (source === 'node:crypto' && !names?.every((name) => HASHING.includes(name)))
      return `${self.folder}/ may take only ${HASHING.join(', ')} from '${source}', by name`
    return null
  }
  const users = PACKAGES[source]
  if (users === undefined) return `'${source}' is not a package that src/ may load`
  return users.includes(self.name) ? null : `only ${users.join(', ')} may load '${source}'`
}

const literal = (node) => (node?.type === 'Literal' && typeof node.value === 'string' ? node.value : null)

/** The imported names of a declaration, or null where it takes the module whole. */
function namesOf(specifiers) {
  const names = specifiers.map((specifier) => {
    const name = specifier.type === 'ImportSpecifier' ? specifier.imported : specifier.local
    const whole = specifier.type === 'ImportDefaultSpecifier' || specifier.type === 'ImportNamespaceSpecifier'
    return whole ? null : (name.name ?? name.value)
  })
  return names.includes(null) ? null : names
}

export const importDirection = {
  meta: {
    type: 'problem',
    docs: { description: 'keeps the imports of src/ in the direction of its folders' },
    schema: [],
    messages: { direction: '{{why}}.' },
  },
  create(context) {
    const cwd = context.cwd
    const self = moduleOf(context.filename, cwd)
    if (self === null) return {}
    const judge = (node, found) => {
      const why =
        found.source === null
          ? 'an import in src/ names its module in a plain string'
          : objection(self, found, context.filename, cwd)
      if (why !== null) context.report({ node, messageId: 'direction', data: { why } })
    }
    return {
      ImportDeclaration: (node) =>
        judge(node, {
          source: literal(node.source),
          typeOnly: node.importKind === 'type',
          names: namesOf(node.specifiers),
        }),
      ExportNamedDeclaration: (node) => {
        if (!node.source) return
        const typeOnly = node.exportKind === 'type'
        judge(node, { source: literal(node.source), typeOnly, names: namesOf(node.specifiers) })
      },
      ExportAllDeclaration: (node) =>
        judge(node, { source: literal(node.source), typeOnly: node.exportKind === 'type', names: null }),
      ImportExpression: (node) => judge(node, { source: literal(node.source), typeOnly: false, names: null }),
      TSImportType: (node) =>
        judge(node, { source: literal(node.source ?? node.argument?.literal), typeOnly: true, names: [] }),
      TSExternalModuleReference: (node) =>
        judge(node, { source: literal(node.expression), typeOnly: false, names: null }),
      'CallExpression[callee.name="require"]': (node) =>
        judge(node, { source: literal(node.arguments[0]), typeOnly: false, names: null }),
    }
  },
}
