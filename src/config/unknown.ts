import { DECLARED, type InputName } from './declared.js'
import type { InputProblem } from './problem.js'

const NAMES = Object.keys(DECLARED) as InputName[]

/** Names that users write by mistake, with the input that they mean. */
const SYNONYMS: Readonly<Record<string, InputName>> = {
  tag: 'image',
  images: 'image',
  digest: 'image',
  repository: 'repositories',
  blob: 'blobs',
  layers: 'blobs',
  'exclude-tags': 'protected-tags',
  exclude: 'protected-tags',
  'keep-tags': 'protected-tags',
  protected: 'protected-tags',
  user: 'username',
  token: 'password',
  'registry-password': 'password',
  ca: 'ca-certificate',
  'ca-cert': 'ca-certificate',
  'client-cert': 'client-certificate',
  cert: 'client-certificate',
  key: 'client-key',
  insecure: 'tls-verify',
  host: 'registry',
  server: 'registry',
  attempts: 'verify-attempts',
  interval: 'verify-interval',
  comment: 'reason',
  search: 'search-repositories',
  unreadable: 'unreadable-tags',
  report: 'report-file',
  keep: 'keep-newest',
  'keep-last': 'keep-newest',
  'keep-latest': 'keep-newest',
  'keep-n': 'keep-newest',
  age: 'older-than',
  'min-age': 'older-than',
  'max-age': 'older-than',
  older: 'older-than',
  now: 'as-of',
  limit: 'max-deletions',
  max: 'max-deletions',
  'max-delete': 'max-deletions',
  'include-tags': 'tags',
  filter: 'tags',
}

/** Inputs that a later version will have. */
const PLANNED: ReadonlySet<string> = new Set([
  'resume',
  'gc-command',
  'gc-dry-run-command',
  'restart-command',
])

/**
 * Returns a problem for each name that is not an input. GitHub's runner only warns about such a name, and the run would
 * then lack a protection that the user wanted.
 */
export function unknownInputs(names: Iterable<string>): InputProblem[] {
  return [...names]
    .filter((name) => !Object.hasOwn(DECLARED, name))
    .sort()
    .map((written): InputProblem => {
      const name = written.toLowerCase()
      return { kind: 'input', input: name, text: `${JSON.stringify(name)} ${objectionTo(name)}` }
    })
}

function objectionTo(name: string): string {
  const hyphened = name.replaceAll('_', '-')
  return PLANNED.has(hyphened)
    ? `is not an input of this action yet: \`${hyphened}\` comes with a later version`
    : `is not an input of this action. The nearest is \`${nearest(hyphened)}\``
}

function nearest(hyphened: string): InputName {
  const meant = Object.hasOwn(SYNONYMS, hyphened) ? SYNONYMS[hyphened] : undefined
  if (meant !== undefined) return meant
  const ranked = NAMES.map((name) => ({ name, far: distance(hyphened, name) }))
  return ranked.reduce((best, each) => (each.far < best.far ? each : best)).name
}

/** @returns the Levenshtein distance. Compares only the first 64 characters, because a long name would take long */
function distance(written: string, name: string): number {
  const one = written.slice(0, 64)
  let row = Array.from({ length: name.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= name.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === name[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[name.length] ?? Infinity
}
