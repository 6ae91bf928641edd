import { subjectKey } from './tag.js'

/** A compiled glob: tells whether a whole name matches. */
export interface Glob {
  readonly text: string
  matches(name: string): boolean
}

/**
 * @returns whether an entry of `protected-tags` is about a tag. One that belongs to an image by its name goes and stays
 * with that image: only an entry that is its whole name protects it
 */
export function guards(glob: Glob, tag: string): boolean {
  return subjectKey(tag) === undefined ? glob.matches(tag) : glob.text === tag
}

/** One sign of a name: any but a slash, or one of these; `part`: any number of signs but a slash; `run`: of any signs. */
type Step = 'any' | 'part' | 'run' | ReadonlySet<string>

/** What a name can hold, besides the signs of the glob itself. */
interface Names {
  readonly what: string
  readonly literal: RegExp
  readonly member: RegExp
}

const TAGS: Names = { what: 'tag', literal: /[A-Za-z0-9._-]/, member: /^[A-Za-z0-9._-]+$/ }
const REPOSITORIES: Names = { what: 'repository', literal: /[a-z0-9._/-]/, member: /^[a-z0-9._-]+$/ }
const ALTERNATIVES = 1000

/**
 * Compiles a glob for tags: `*` and `**` any run of characters (a tag holds no `/`), `?` one character, `[a-z]` one of
 * a class, `{a,b}` one of several. The whole name must match. No regular expression is made of it: some would take
 * for ever on a long name.
 *
 * @returns the glob, or a sentence that says what is wrong with it
 */
export function compileTagGlob(text: string): Glob | string {
  return compile(text, TAGS)
}

/**
 * As for tags, but that only `**` matches a slash.
 *
 * @returns the glob, or a sentence that says what is wrong with it
 */
export function compileRepositoryGlob(text: string): Glob | string {
  return compile(text, REPOSITORIES)
}

function compile(text: string, names: Names): Glob | string {
  const foreign = [...text].find((sign) => !names.literal.test(sign) && !'*?[]{},'.includes(sign))
  if (foreign !== undefined)
    return `no ${names.what} can hold ${JSON.stringify(foreign)}: these are globs (* ? [a-z] {a,b}), not regular expressions`
  const flat = expand(text)
  if (typeof flat === 'string') return flat
  const patterns: Step[][] = []
  for (const each of flat) {
    const steps = stepsOf(each, names)
    if (typeof steps === 'string') return steps
    patterns.push(steps)
  }
  return { text, matches: (name) => patterns.some((steps) => fits(steps, name)) }
}

/** Writes out the braces, the innermost first. */
function expand(text: string): string[] | string {
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
    if (next.length > ALTERNATIVES) return `it stands for more than ${ALTERNATIVES} globs`
    if (!found) break
    open = next
  }
  const [first = ''] = open
  const closing = first.indexOf('}')
  if (closing >= 0 && !first.slice(0, closing).includes('{')) return 'a } without {'
  if (first.includes('{')) return 'a { without }'
  if (open.some((each) => each.includes(','))) return 'a comma outside { }, which no name can hold'
  return [...new Set(open)]
}

function stepsOf(text: string, names: Names): Step[] | string {
  const steps: Step[] = []
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at)
    if (sign === '*') {
      const last = steps.at(-1)
      // A run that follows a part takes everything that the part could.
      if (last === 'part') steps[steps.length - 1] = 'run'
      else if (last !== 'run') steps.push('part')
    } else if (sign === '?') steps.push('any')
    else if (sign === ']') return 'a ] without ['
    else if (sign !== '[') steps.push(new Set(sign))
    else {
      const end = text.indexOf(']', at + 1)
      const members = classOf(end < 0 ? '' : text.slice(at + 1, end), names)
      if (typeof members === 'string') return members
      steps.push(members)
      at = end
    }
  }
  return steps
}

function classOf(inner: string, names: Names): ReadonlySet<string> | string {
  if (!names.member.test(inner)) return 'the class [ ] is empty, not closed, or holds a sign of a glob'
  const members = new Set<string>()
  for (let at = 0; at < inner.length; at++) {
    const first = inner.charCodeAt(at)
    const isRange = inner.charAt(at + 1) === '-' && at + 2 < inner.length
    const last = isRange ? inner.charCodeAt(at + 2) : first
    if (last < first) return `the range in [${inner}] runs backwards`
    for (let code = first; code <= last; code++) members.add(String.fromCharCode(code))
    if (isRange) at += 2
  }
  return members
}

/**
 * Goes back to the last part while that can grow, else to the last run: what earlier ones could give, these can, too.
 */
function fits(steps: readonly Step[], name: string): boolean {
  let step = 0
  let at = 0
  const part = { step: -1, from: 0 }
  const run = { step: -1, from: 0 }
  while (at < name.length) {
    const wanted = steps[step]
    const sign = name.charAt(at)
    if (wanted === 'run') {
      run.step = step++
      run.from = at
      part.step = -1
    } else if (wanted === 'part') {
      part.step = step++
      part.from = at
    } else if (wanted !== undefined && (wanted === 'any' ? sign !== '/' : wanted.has(sign))) {
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
