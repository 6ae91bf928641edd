import { parseDigest, type Digest } from '../oci/digest.js'
import { compileTagGlob, guards, type Glob } from '../oci/glob.js'
import { parseTag, type Tag } from '../oci/tag.js'
import { authorities, isPathLike } from './authorities.js'
import { readCleanup } from './cleanup.js'
import { readClientTls } from './client-tls.js'
import { DECLARED, undeclared, variableOf, type InputName } from './declared.js'
import { readNames } from './named.js'
import { registryOrigin } from './registry.js'
import { readSearched } from './searched.js'
import type { Named, Settings } from './settings.js'
import {
  boolean,
  duration,
  list,
  shown,
  trim,
  whole,
  withoutCredentials,
  word,
  type Parsed,
} from './values.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** What could be read: settings, or every problem at once. The rest is there in both cases, for the report. */
export interface Read {
  readonly settings?: Settings
  readonly problems: readonly string[]
  /** Every input in force, as text, without a secret. */
  readonly shown: Readonly<Record<string, string>>
  readonly reportFile?: string
  readonly reason?: string
  /** To be masked before anything is logged, and to stand in no text; a key in PEM form is one of them. */
  readonly secrets: readonly string[]
}

/**
 * Reads all inputs strictly. It is their only reader, and sends nothing: with any problem there are no settings.
 *
 * @param environment the process's environment, where the runner put `INPUT_*`
 * @param now milliseconds since the epoch
 */
export function readInputs(environment: Environment, now: number = Date.now()): Read {
  const problems = undeclared(environment)
  const text = (name: InputName): string => trim(environment[variableOf(name)] ?? DECLARED[name] ?? '')
  for (const [name, value] of Object.entries(DECLARED)) {
    const given = environment[variableOf(name)]
    if (value !== undefined && given !== undefined && trim(given) === '')
      problems.push(
        `${name}: it arrived empty, although it has a default; probably an expression is misspelt. Leave it out, or write \${{ … || '${value}' }}`,
      )
  }
  const parse = <T>(name: InputName, parser: (value: string) => Parsed<T>, fallback: T): T => {
    const value = text(name)
    if (value === '') return fallback
    const parsed = parser(value)
    if ('value' in parsed) return parsed.value
    problems.push(`${name}: ${SECRET.has(name) ? '' : `${shown(value)}: `}${parsed.wrong}`)
    return fallback
  }

  const given = parse<string | undefined>('registry', registryOrigin, undefined)
  const naming = readNames(text('image'), text('blobs'), given)
  problems.push(...naming.problems)
  const asked = problems.length
  const cleanup = readCleanup(text, now, problems)
  const isCleanup = cleanup !== undefined || problems.length > asked
  const names = list(`${text('image')}\n${text('blobs')}`)
  if (naming.named.length === 0 && names.length === 0 && !isCleanup)
    problems.push(
      'image: nothing is named. Say what leaked in `image` (`repository:tag` or `repository@sha256:…`) or `blobs`; or, for a cleanup, select by `repositories` and `tags`',
    )
  if (
    naming.origin === undefined &&
    given === undefined &&
    text('registry') === '' &&
    naming.problems.length === 0
  )
    problems.push(
      cleanup === undefined
        ? 'registry: it is not given, and no entry of `image` begins with a host'
        : 'registry: it is not given. A cleanup needs it: `https://host[:port]`',
    )

  const username = text('username')
  const password = text('password')
  const basic = username !== '' && password !== '' ? { username, password } : undefined
  if (username !== '' && password === '')
    problems.push(
      'password: it is empty although `username` is given: both or neither. Is the secret available to this workflow?',
    )
  if (username === '' && password !== '')
    problems.push('username: it is empty although `password` is given: both or neither')
  if (username.includes(':'))
    problems.push(
      'username: Basic authentication cannot carry a colon in it; what follows the colon belongs in `password`',
    )

  const origin = naming.origin ?? given
  const tls = readClientTls(
    text('client-certificate'),
    text('client-key'),
    origin?.startsWith('http:') === true,
    problems,
  )
  const protectedTags = readProtected(text('protected-tags'), naming.named, problems)
  const approved = parse<Digest | undefined>('approve', approval, undefined)
  const reason = text('reason')
  const reportFile = text('report-file')
  if (reportFile.includes('\0')) problems.push('report-file: it holds a zero byte')
  const scope = parse<'image' | 'tag'>('scope', (value) => word(value, ['image', 'tag']), 'image')
  if (scope === 'tag') problems.push(...onlyLabels(naming.named))
  const read = {
    scope,
    unreadableTags: parse<'refuse' | 'ignore'>(
      'unreadable-tags',
      (value) => word(value, ['refuse', 'ignore']),
      'refuse',
    ),
    searched: readSearched('search-repositories', text('search-repositories'), problems),
    onExposure: parse<'warn' | 'fail'>('on-exposure', (value) => word(value, ['warn', 'fail']), 'warn'),
    sharedBlobs: parse<'keep' | 'fail'>('shared-blobs', (value) => word(value, ['keep', 'fail']), 'keep'),
    verifyTls: parse('tls-verify', boolean, true),
    authorities: parse<readonly string[]>('ca-certificate', authorities, []),
    dryRun: parse('dry-run', boolean, false),
    verifyAttempts: parse('verify-attempts', (value) => whole(value, 1, 100), 0),
    verifyInterval: parse('verify-interval', (value) => duration(value, true), 0),
    verifyTimeout: parse('verify-timeout', (value) => duration(value, false), 0),
    concurrency: parse('concurrency', (value) => whole(value, 1, 64), 1),
    timeout: parse('timeout', (value) => duration(value, false), 1),
  }
  const common = {
    problems,
    shown: inForce(text, origin, tls.keyPath),
    secrets: [...(password === '' ? [] : secretsOf({ username, password })), ...tls.secrets],
    ...(reportFile !== '' && { reportFile }),
    ...(reason !== '' && { reason }),
  }
  if (problems.length > 0 || naming.origin === undefined) return common
  const settings: Settings = {
    ...read,
    origin: naming.origin,
    named: naming.named,
    ...protectedTags,
    shown: common.shown,
    ...(cleanup !== undefined && { cleanup }),
    ...(basic !== undefined && { basic }),
    ...(tls.clientTls !== undefined && { clientTls: tls.clientTls }),
    ...(approved !== undefined && { approved }),
    ...(reason !== '' && { reason }),
  }
  return { ...common, settings }
}

/** A label has no content: what names content does not go with `scope: tag`. */
function onlyLabels(named: readonly Named[]): string[] {
  return named.flatMap(({ repository, digests, blobs }) => [
    ...digests.map(
      (digest) =>
        `scope: \`tag\` removes labels only, and ${repository}@${digest} in \`image\` names none: write \`${repository}:tag\`, or use \`scope: image\``,
    ),
    ...blobs.map(
      (digest) =>
        `scope: \`tag\` removes labels only, so ${repository}@${digest} in \`blobs\` does not go with it: leave it out, or use \`scope: image\``,
    ),
  ])
}

const PEM: ReadonlySet<InputName> = new Set<InputName>(['ca-certificate', 'client-certificate'])
const SECRET: ReadonlySet<InputName> = new Set<InputName>(['password', 'ca-certificate'])

function secretsOf({ username, password }: { username: string; password: string }): string[] {
  return [password, Buffer.from(`${username}:${password}`, 'utf8').toString('base64')]
}

/** @param keyPath of the client's key, where it is a file: what else stands there may be a key */
function inForce(
  text: (name: InputName) => string,
  origin: string | undefined,
  keyPath: string | undefined,
): Record<string, string> {
  const all: Record<string, string> = {}
  for (const name of Object.keys(DECLARED) as InputName[]) {
    const value = text(name)
    if (value === '' || name === 'password') continue
    if (name === 'username' && value.includes(':')) continue
    if (name === 'client-key') all[name] = keyPath ?? '(not shown)'
    else if (PEM.has(name) && value.includes('-----BEGIN CERTIFICATE-----')) all[name] = '(PEM text)'
    else if (PEM.has(name) && !isPathLike(value)) all[name] = '(not shown)'
    else if (name === 'registry') continue
    else all[name] = withoutCredentials(value)
  }
  if (origin !== undefined) all['registry'] = origin
  return all
}

function approval(value: string): Parsed<Digest | undefined> {
  if (value === 'any') return { value: undefined }
  const digest = parseDigest(value)
  if (digest?.startsWith('sha256:') === true) return { value: digest }
  return { wrong: '`any`, or a fingerprint such as `sha256:` and 64 lower-case hex digits, is accepted' }
}

function readProtected(
  text: string,
  named: readonly Named[],
  problems: string[],
): { protectedTags: Glob[]; protectedNames: Tag[] } {
  const entries = list(text)
  if (entries.length === 1 && entries[0] === 'none') return { protectedTags: [], protectedNames: [] }
  if (entries.length === 0 && text !== '')
    problems.push('protected-tags: it holds no entry; name globs of tags, or write `none`')
  if (entries.includes('none')) problems.push('protected-tags: `none` stands alone')
  const protectedTags: Glob[] = []
  const protectedNames: Tag[] = []
  for (const entry of entries) {
    if (entry === 'none') continue
    if (entry.startsWith('!')) {
      problems.push(
        `protected-tags: ${shown(entry)}: an entry cannot take away; globs without ! are accepted`,
      )
      continue
    }
    const glob = compileTagGlob(entry)
    if (typeof glob === 'string') {
      problems.push(`protected-tags: ${shown(entry)}: ${glob}`)
      continue
    }
    protectedTags.push(glob)
    const plain = parseTag(entry)
    if (plain !== undefined) protectedNames.push(plain)
    for (const { repository, tags } of named)
      for (const { tag } of tags)
        if (guards(glob, tag))
          problems.push(
            `protected-tags: ${shown(entry)} matches ${repository}:${tag}, which \`image\` names: a tag cannot both go and stay`,
          )
  }
  return { protectedTags, protectedNames }
}
