/**
 * The inputs of action.yml with their defaults, undefined where there is none. A test compares the two, so a change in
 * one place alone is noticed.
 */
export const DECLARED = {
  registry: undefined,
  username: undefined,
  password: undefined,
  'ca-certificate': undefined,
  'client-certificate': undefined,
  'client-key': undefined,
  'tls-verify': 'true',
  image: undefined,
  blobs: undefined,
  repositories: undefined,
  tags: undefined,
  'older-than': undefined,
  'keep-newest': undefined,
  'as-of': undefined,
  'max-deletions': '100',
  scope: 'image',
  'shared-blobs': 'keep',
  'unreadable-tags': 'refuse',
  'search-repositories': undefined,
  'on-exposure': 'warn',
  'protected-tags': 'none',
  'dry-run': 'false',
  approve: 'any',
  reason: undefined,
  'verify-attempts': '5',
  'verify-interval': '1s',
  'verify-timeout': '5m',
  concurrency: '8',
  timeout: '30m',
  'report-file': undefined,
} as const satisfies Readonly<Record<string, string | undefined>>

export type InputName = keyof typeof DECLARED

const NAMES = Object.keys(DECLARED) as InputName[]

/** What people write who mean one of the inputs. */
const MEANT: Readonly<Record<string, InputName>> = {
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

/** Inputs that are planned and not there yet. */
const LATER: ReadonlySet<string> = new Set(['resume', 'gc-command', 'gc-dry-run-command', 'restart-command'])

/** @returns the variable by which the runner hands over an input: upper case, blanks become `_`, hyphens stay. */
export function variableOf(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`
}

/** @returns a sentence for each `INPUT_*` that is not declared: the runner only warns, and a guard would be missing. */
export function undeclared(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(NAMES.map(variableOf))
  return Object.keys(environment)
    .filter((variable) => variable.toUpperCase().startsWith('INPUT_') && !known.has(variable))
    .sort()
    .map((variable) => {
      const name = variable.slice('INPUT_'.length).toLowerCase()
      const hyphened = name.replaceAll('_', '-')
      return LATER.has(hyphened)
        ? `${JSON.stringify(name)} is not an input of this action yet: \`${hyphened}\` comes with a later version`
        : `${JSON.stringify(name)} is not an input of this action. The nearest is \`${nearest(hyphened)}\``
    })
}

function nearest(hyphened: string): InputName {
  const meant = Object.hasOwn(MEANT, hyphened) ? MEANT[hyphened] : undefined
  if (meant !== undefined) return meant
  const ranked = NAMES.map((candidate) => ({ candidate, far: distance(hyphened, candidate) }))
  return ranked.reduce((best, each) => (each.far < best.far ? each : best)).candidate
}

/** Levenshtein's distance, on names cut to a length that no input has. */
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
