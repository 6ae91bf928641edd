/** One resource of a scope, with the actions on it. */
export interface Access {
  readonly type: string
  /** May hold colons, as in `localhost:5000/app`. */
  readonly name: string
  readonly actions: readonly string[]
}

/** @returns the resources of a scope such as `repository:app:pull,delete registry:catalog:*`, without malformed ones */
export function parseScope(scope: string): Access[] {
  return scope.split(/ +/).flatMap((entry) => {
    const first = entry.indexOf(':')
    const last = entry.lastIndexOf(':')
    if (first < 0 || last === first) return []
    const actions = entry
      .slice(last + 1)
      .split(',')
      .filter((action) => action !== '')
    return [{ type: entry.slice(0, first), name: entry.slice(first + 1, last), actions }]
  })
}

/**
 * Sorts a scope, to compare it with others: distribution 3.0.0 sometimes writes `pull,push` and sometimes `push,pull`.
 * Requests need the original, since some services accept a scope only in the order of the challenge.
 */
export function scopeKey(scope: string): string {
  return scope
    .split(/ +/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const last = entry.lastIndexOf(':') + 1
      return entry.slice(0, last) + entry.slice(last).split(',').sort().join(',')
    })
    .sort()
    .join(' ')
}

/** @returns a scope for messages: `delete` on acme/app */
export function scopeText(scope: string): string {
  const all = parseScope(scope).map(({ type, name, actions }) => {
    const what = type === 'repository' ? name : `the ${type} ${name}`
    return `${actions.map((action) => `\`${action}\``).join(' and ')} on ${what}`
  })
  return all.length === 0 ? 'what was requested' : all.join(' and ')
}
