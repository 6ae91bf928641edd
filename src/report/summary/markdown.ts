import { code, prose } from '../text.js'
import type { Bounded } from './bounded.js'

const LONGEST_WORD = 500

/** Adds a headed list, unless it is empty. */
export function list(text: Bounded, title: string, entries: readonly string[]): void {
  if (entries.length === 0) return
  text.add(`### ${title}`, '')
  text.addAll(entries.map((entry) => `- ${prose(entry)}`))
  text.add('')
}

/** Adds a table. @param rows Markdown, a cell an entry */
export function table(text: Bounded, head: readonly string[], rows: readonly (readonly string[])[]): void {
  text.add(`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`)
  text.addAll(rows.map((cells) => `| ${cells.join(' | ')} |`))
  text.add('')
}

/** @returns a text of the run as code, cut to what fits into a line */
export function word(text: string): string {
  return code(text.length > LONGEST_WORD ? `${text.slice(0, LONGEST_WORD)}…` : text)
}
