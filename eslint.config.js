import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { DRIVEN_FROM_OUTSIDE, importDirection } from './scripts/lint/import-direction.js'

const drivenFiles = DRIVEN_FROM_OUTSIDE.map((folder) => `src/${folder}/**/*.ts`)
const passedIn = (/** @type {string} */ what) =>
  `${what} is passed in here, so that one seed can drive a whole run.`
const environment = {
  object: 'process',
  property: 'env',
  message: 'Only action/ reads the environment.',
}

/** The journal is the only writer of the report: everything else gets it as a value that cannot be changed. */
const writable = [
  "TSTypeReference[typeName.name='Writable']",
  "ImportSpecifier[imported.name='Writable']",
].map((selector) => ({ selector, message: 'Only the journal changes the report.' }))

/** Ways out of a driven folder that need no import. */
const outside = {
  globals: {
    fetch: 'The network',
    WebSocket: 'The network',
    EventSource: 'The network',
    XMLHttpRequest: 'The network',
    setTimeout: 'Time',
    setInterval: 'Time',
    setImmediate: 'Time',
    performance: 'Time',
    crypto: 'Randomness',
    process: 'What the process knows',
    globalThis: 'What is global',
    global: 'What is global',
  },
  /** @type {[object: string, property: string, what: string][]} */
  properties: [
    ['Date', 'now', 'Time'],
    ['AbortSignal', 'timeout', 'Time'],
    ['Math', 'random', 'Randomness'],
  ],
  /** @type {[selector: string, what: string][]} */
  syntax: [
    ["NewExpression[callee.name='Date'][arguments.length=0]", 'Time'],
    ["CallExpression[callee.name='Date']", 'Time'],
  ],
}

/**
 * Plain mistakes, for every file. (Undefined names in TypeScript are the compiler's affair.)
 * @type {import('eslint').Linter.RulesRecord}
 */
const everywhere = {
  eqeqeq: 'error',
  'no-constant-condition': ['error', { checkLoops: false }],
  'no-debugger': 'error',
  'no-dupe-keys': 'error',
  'no-duplicate-imports': ['error', { allowSeparateTypeImports: true }],
  'no-fallthrough': 'error',
  'no-self-assign': 'error',
  'no-self-compare': 'error',
  'no-unreachable': 'error',
  'no-unsafe-finally': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
}

export default defineConfig(
  { ignores: ['dist/', '.tools/', 'node_modules/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { rules: everywhere },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    // A test may look into JSON and into what went over the wire as it likes.
    files: ['__tests__/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        'AbortController AbortSignal Buffer URL URLSearchParams clearInterval clearTimeout console fetch global globalThis performance process queueMicrotask setImmediate setInterval setTimeout structuredClone TextDecoder TextEncoder'
          .split(' ')
          .map((name) => [name, 'readonly']),
      ),
    },
    rules: { 'no-undef': 'error', 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
  },
  {
    // The product. No comment switches a rule off in here.
    files: ['src/**/*.ts'],
    linterOptions: { noInlineConfig: true },
    plugins: { project: { rules: { 'import-direction': importDirection } } },
    rules: { 'project/import-direction': 'error', 'no-console': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/action/**', ...drivenFiles],
    rules: { 'no-restricted-properties': ['error', environment] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/report/journal/**', 'src/report/report.ts', ...drivenFiles],
    rules: { 'no-restricted-syntax': ['error', ...writable] },
  },
  {
    files: drivenFiles,
    rules: {
      'no-restricted-globals': [
        'error',
        ...Object.entries(outside.globals).map(([name, what]) => ({ name, message: passedIn(what) })),
      ],
      'no-restricted-properties': [
        'error',
        environment,
        ...outside.properties.map(([object, property, what]) => ({
          object,
          property,
          message: passedIn(what),
        })),
      ],
      'no-restricted-syntax': [
        'error',
        ...outside.syntax.map(([selector, what]) => ({ selector, message: passedIn(what) })),
      ],
    },
  },
)
