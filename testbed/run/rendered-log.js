/**
 * Shows the log of a step as GitHub's page does: executes workflow commands instead of printing them, shows groups with a
 * title, and prints masked values as `***`.
 * @param {(line: string) => void} print
 * @returns {(line: string) => void} takes the log line by line
 */
export function renderedLog(print) {
  /** @type {Set<string>} */
  const secrets = new Set()
  let inGroup = false
  const show = (/** @type {string} */ line) => {
    // The longest first: a short secret may be part of a long one.
    const hidden = [...secrets].sort((a, b) => b.length - a.length)
    const safe = hidden.reduce((text, secret) => text.replaceAll(secret, '***'), line)
    print(inGroup ? `  ${safe}` : safe)
  }
  return (line) => {
    const [, name, text = ''] = /^\s*::([\w-]+)(?: [^:]*)?::(.*)$/s.exec(line) ?? []
    if (name === undefined) return show(line)
    const value = decode(text)
    if (name === 'add-mask') {
      for (const secret of [value, ...value.split('\n')]) if (secret.trim()) secrets.add(secret)
    } else if (name === 'group') {
      inGroup = false
      show(`▸ ${value}`)
      inGroup = true
    } else if (name === 'endgroup') {
      inGroup = false
    } else if (['error', 'warning', 'notice'].includes(name)) {
      for (const each of `${name}: ${value}`.split('\n')) show(each)
    }
  }
}

/** @param {string} text */
function decode(text) {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}
