/**
 * Parses the content of GITHUB_OUTPUT: `name=value` lines, and values of several lines between delimiters.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function readOutputs(text) {
  /** @type {Record<string, string>} */
  const outputs = {}
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const equals = line.indexOf('=')
    const heredoc = line.indexOf('<<')
    if (heredoc > 0 && (equals < 0 || heredoc < equals)) {
      const end = lines.indexOf(line.slice(heredoc + 2), at + 1)
      if (end < 0) throw new Error(`GITHUB_OUTPUT: no end of the value of ${line.slice(0, heredoc)}`)
      outputs[line.slice(0, heredoc)] = lines.slice(at + 1, end).join('\n')
      at = end
    } else if (equals > 0) {
      outputs[line.slice(0, equals)] = line.slice(equals + 1)
    } else {
      throw new Error(`GITHUB_OUTPUT: a line that the runner refuses: ${line}`)
    }
  }
  return outputs
}
