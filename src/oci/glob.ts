/** A compiled glob: tells whether a whole name matches. */
export interface Glob {
  readonly text: string
  matches(name: string): boolean
}

/** One sign of a name: any, or one of these; `run`: any number of any signs. */
type Step = 'any' | 'run' | ReadonlySet<string>

/** What a tag can hold, besides the signs of the glob itself. */
const LITERAL = /[A-Za-z0-9._-]/
const ALTERNATIVES = 1000

/**
 * Compiles a glob for tags: `*` and `**` any run of characters (a tag holds no `/`), `?` one character, `[a-z]` one of
 * a class, `{a,b}` one of several. The whole name must match. No regular expression is made of it: some would take
 * for ever on a long name.
 *
 * @returns the glob, or a sentence that says what is wrong with it
 */
export function compileTagGlob(text: string): Glob | string {
  const foreign = [...text].find((sign) => !LITERAL.test(sign) && !'*?[]{},'.includes(sign))
  if (foreign !== undefined)
    return `no tag can hold ${JSON.stringify(foreign)}: these are globs (* ? [a-z] {a,b}), not regular expressions`
  const flat = expand(text)
  if (typeof flat === 'string') return flat
  const patterns: Step[][] = []
  for (const each of flat) {
    const steps = stepsOf(each)
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
  if (open.some((each) => each.includes(','))) return 'a comma outside { }'
  return [...new Set(open)]
}

function stepsOf(text: string): Step[] | string {
  const steps: Step[] = []
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at)
    if (sign === '*') {
      if (steps.at(-1) !== 'run') steps.push('run')
    } else if (sign === '?') steps.push('any')
    else if (sign === ']') return 'a ] without ['
    else if (sign !== '[') steps.push(new Set(sign))
    else {
      const end = text.indexOf(']', at + 1)
      const members = classOf(end < 0 ? '' : text.slice(at + 1, end))
      if (typeof members === 'string') return members
      steps.push(members)
      at = end
    }
  }
  return steps
}

function classOf(inner: string): ReadonlySet<string> | string {
  if (!/^[A-Za-z0-9._-]+$/.test(inner)) return 'the class [ ] is empty, not closed, or holds a sign of a glob'
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

/** Goes back to the last run only: what an earlier one could give, the last one can, too. */
function fits(steps: readonly Step[], name: string): boolean {
  let step = 0
  let at = 0
  let run = -1
  let from = 0
  while (at < name.length) {
    const wanted = steps[step]
    if (wanted === 'run') {
      run = step++
      from = at
    } else if (wanted !== undefined && (wanted === 'any' || wanted.has(name.charAt(at)))) {
      step++
      at++
    } else if (run >= 0) {
      step = run + 1
      at = ++from
    } else return false
  }
  while (steps[step] === 'run') step++
  return step === steps.length
}
