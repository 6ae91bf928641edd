import type { Parsed } from './parsed.js'
import { subjectKey } from './tag.js'

/** A compiled glob, matched against whole names. */
export interface Glob {
  readonly text: string
  matches(name: string): boolean
}

/**
 * Checks whether an entry of `protected-tags` protects a tag. A tag that belongs to an image by its name (`sha256-…`)
 * is deleted or kept with that image, so only an entry equal to its whole name protects it.
 */
export function guards(glob: Glob, tag: string): boolean {
  return subjectKey(tag) === undefined ? glob.matches(tag) : glob.text === tag
}

/**
 * One step of a pattern. `any` matches one character except a slash, and a set matches one of its characters. `part`
 * matches any number of characters except slashes, and `run` matches any number of any characters.
 */
type Step = 'any' | 'part' | 'run' | ReadonlySet<string>

/** The characters that a kind of name can hold. */
interface Alphabet {
  readonly what: string
  readonly literal: RegExp
  /** The inside of a class such as `[a-z]`. */
  readonly members: RegExp
}

const TAGS: Alphabet = { what: 'tag', literal: /[A-Za-z0-9._-]/, members: /^[A-Za-z0-9._-]+$/ }
const REPOSITORIES: Alphabet = {
  what: 'repository',
  literal: /[a-z0-9._/-]/,
  members: /^[a-z0-9._-]+$/,
}
/** Helm stores the version of a chart as its tag, but a + as _. So a glob with a + would never match. */
const HELM = '. If it is the + of a Helm version, write _ in its place: Helm stores it as _'
/** Patterns that the braces of one glob may expand to, at most. */
const ALTERNATIVES = 1000

/**
 * Compiles a glob for tags: `*` and `**` match any number of characters (a tag has no `/`), `?` matches one character,
 * `[a-z]` one character of a class, `{a,b}` one of several texts. The whole name must match. The glob is not translated
 * into a regular expression, because some of these would take exponential time for a long name.
 */
export function compileTagGlob(text: string): Parsed<Glob> {
  return compile(text, TAGS)
}

/** Compiles a glob for repositories. The syntax is that of globs for tags, but only `**` matches a slash. */
export function compileRepositoryGlob(text: string): Parsed<Glob> {
  return compile(text, REPOSITORIES)
}

function compile(text: string, alphabet: Alphabet): Parsed<Glob> {
  const foreign = [...text].find(
    (character) => !alphabet.literal.test(character) && !'*?[]{},'.includes(character),
  )
  if (foreign !== undefined) {
    const helm = foreign === '+' && alphabet === TAGS ? HELM : ''
    return {
      wrong: `no ${alphabet.what} can hold ${JSON.stringify(foreign)}: these are globs (* ? [a-z] {a,b}), not regular expressions${helm}`,
    }
  }
  const expanded = expandBraces(text)
  if ('wrong' in expanded) return expanded
  const patterns: Step[][] = []
  for (const each of expanded.value) {
    const steps = parseSteps(each, alphabet)
    if ('wrong' in steps) return steps
    patterns.push(steps.value)
  }
  return { value: { text, matches: (name) => patterns.some((steps) => fits(steps, name)) } }
}

/** Expands the braces, the innermost first. */
function expandBraces(text: string): Parsed<string[]> {
  let open = [text]
  for (;;) {
    const next: string[] = []
    let found = false
    for (const each of open) {
      const inner = /\{([^{}]*)\}/.exec(each)
      if (inner === null) next.push(each)
      else {
        found = true
        const [before, after] = [each.slice(0, inner.index), each.slice(inner.index + inner[0].length)]
        for (const part of (inner[1] ?? '').split(',')) next.push(`${before}${part}${after}`)
      }
    }
    if (next.length > ALTERNATIVES) return { wrong: `it expands to more than ${ALTERNATIVES} globs` }
    if (!found) break
    open = next
  }
  const [first = ''] = open
  const closing = first.indexOf('}')
  if (closing >= 0 && !first.slice(0, closing).includes('{')) return { wrong: 'a } without {' }
  if (first.includes('{')) return { wrong: 'a { without }' }
  if (open.some((each) => each.includes(','))) return { wrong: 'a comma outside { }, which no name can hold' }
  return { value: [...new Set(open)] }
}

function parseSteps(text: string, alphabet: Alphabet): Parsed<Step[]> {
  const steps: Step[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '*') {
      const last = steps.at(-1)
      // `**` matches everything that the `*` before it could match.
      if (last === 'part') steps[steps.length - 1] = 'run'
      else if (last !== 'run') steps.push('part')
    } else if (character === '?') steps.push('any')
    else if (character === ']') return { wrong: 'a ] without [' }
    else if (character !== '[') steps.push(new Set(character))
    else {
      const end = text.indexOf(']', at + 1)
      const members = parseClass(end < 0 ? '' : text.slice(at + 1, end), alphabet)
      if ('wrong' in members) return members
      steps.push(members.value)
      at = end
    }
  }
  return { value: steps }
}

function parseClass(inner: string, alphabet: Alphabet): Parsed<ReadonlySet<string>> {
  if (!alphabet.members.test(inner))
    return { wrong: 'the class [ ] is empty, is not closed, or holds a special character of globs' }
  const members = new Set<string>()
  for (let at = 0; at < inner.length; at++) {
    const first = inner.charCodeAt(at)
    const isRange = inner.charAt(at + 1) === '-' && at + 2 < inner.length
    const last = isRange ? inner.charCodeAt(at + 2) : first
    if (last < first) return { wrong: `the range in [${inner}] runs backwards` }
    for (let code = first; code <= last; code++) members.add(String.fromCharCode(code))
    if (isRange) at += 2
  }
  return { value: members }
}

/**
 * Matches a whole name. After a mismatch, it extends the match of the last `part` if possible, otherwise that of the last
 * `run`. Earlier steps need no second attempt: the last ones can match everything that they could.
 */
function fits(steps: readonly Step[], name: string): boolean {
  let step = 0
  let at = 0
  const part = { step: -1, from: 0 }
  const run = { step: -1, from: 0 }
  while (at < name.length) {
    const wanted = steps[step]
    const character = name.charAt(at)
    if (wanted === 'run') {
      run.step = step++
      run.from = at
      part.step = -1
    } else if (wanted === 'part') {
      part.step = step++
      part.from = at
    } else if (wanted !== undefined && (wanted === 'any' ? character !== '/' : wanted.has(character))) {
      step++
      at++
    } else if (part.step >= 0 && name.charAt(part.from) !== '/') {
      step = part.step + 1
      at = ++part.from
    } else if (run.step >= 0) {
      step = run.step + 1
      at = ++run.from
      part.step = -1
    } else return false
  }
  while (steps[step] === 'run' || steps[step] === 'part') step++
  return step === steps.length
}
