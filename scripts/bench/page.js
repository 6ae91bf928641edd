import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '../../testbed/project.js'

const [begin, end] = ['<!-- bench: written by npm run bench -- --write -->', '<!-- bench: end -->']

/**
 * Replaces the tables in docs/performance.md.
 * @param {string[]} tables
 */
export async function writeTables(tables) {
  const path = join(projectFolder, 'docs', 'performance.md')
  const text = readFileSync(path, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for the tables (${begin})`)
  writeFileSync(path, `${text.slice(0, from + begin.length)}\n\n${tables.join('\n\n')}\n\n${text.slice(to)}`)
}
