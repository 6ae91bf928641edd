/** A compiled glob: tells whether a whole name matches. */
export interface Glob {
  readonly text: string
  matches(name: string): boolean
}

/** What a tag can hold, besides the signs of the glob itself. */
const LITERAL = /[A-Za-z0-9._-]/

/**
 * Compiles a glob for tags: `*` and `**` any run of characters (a tag holds no `/`), `?` one character, `[a-z]` one of
 * a class, `{a,b}` one of several. The whole name must match.
 *
 * @returns the glob, or a sentence that says what is wrong with it
 */
export function compileTagGlob(text: string): Glob | string {
  const foreign = [...text].find((sign) => !LITERAL.test(sign) && !'*?[]{},'.includes(sign))
  if (foreign !== undefined)
    return `no tag can hold ${JSON.stringify(foreign)}: these are globs (* ? [a-z] {a,b}), not regular expressions`
  let depth = 0
  let source = ''
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at)
    if (sign === '*') {
      while (text.charAt(at + 1) === '*') at++
      source += '.*'
    } else if (sign === '?') source += '.'
    else if (sign === '[') {
      const end = text.indexOf(']', at + 1)
      const inner = end < 0 ? '' : text.slice(at + 1, end)
      if (!/^[A-Za-z0-9._-]+$/.test(inner))
        return 'the class [ ] is empty, not closed, or holds a sign of a glob'
      if (badRange(inner)) return `the range in [${inner}] runs backwards`
      source += `[${inner.replace(/^-|-$/g, '\\-')}]`
      at = end
    } else if (sign === ']') return 'a ] without ['
    else if (sign === '{') {
      depth++
      source += '(?:'
    } else if (sign === '}') {
      if (--depth < 0) return 'a } without {'
      source += ')'
    } else if (sign === ',') {
      if (depth === 0) return 'a comma outside { }'
      source += '|'
    } else source += sign === '.' ? '\\.' : sign
  }
  if (depth > 0) return 'a { without }'
  const pattern = new RegExp(`^(?:${source})$`)
  return { text, matches: (name) => pattern.test(name) }
}

function badRange(inner: string): boolean {
  for (let at = 1; at < inner.length - 1; at++)
    if (inner.charAt(at) === '-' && inner.charCodeAt(at - 1) > inner.charCodeAt(at + 1)) return true
  return false
}
