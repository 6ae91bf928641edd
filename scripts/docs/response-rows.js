// Reads the tables of responses from src/registry/answers/. Those files import nothing but types.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const ANSWERS = 'src/registry/answers'
/** @type {Record<string, string>} */
const REQUESTS = {
  manifest: 'GET of a manifest',
  'tag-list': 'GET of the tag list',
  referrers: 'GET of the referrers',
  'probe-tag': 'probe: tag',
  'probe-manifest': 'probe: manifest',
  'probe-blob': 'probe: blob',
  'delete-tag': 'DELETE of a tag',
  'delete-manifest': 'DELETE of a manifest',
  'delete-blob': 'DELETE of a blob',
}

/**
 * @typedef {{ asked: string[], status: number | string, form?: string[], code?: string[], otherCode?: string[],
 *   allowsDelete?: boolean, means: string, source: string }} Row
 */

/**
 * @param {string} file
 * @returns {Promise<Record<string, Row[]>>} the exports of the file
 */
async function load(file) {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions: options })
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`)
}

/** @param {string[]} asked */
function requestsOf(asked) {
  const all = ['probe-tag', 'probe-manifest', 'probe-blob', 'delete-tag', 'delete-manifest', 'delete-blob']
  /** @type {[string, string[]][]} */
  const groups = [
    ['every DELETE', all],
    ['every probe', all.slice(0, 3)],
    ['every DELETE but probes', all.slice(3)],
  ]
  const group = groups.find(([, names]) => String([...names].sort()) === String([...asked].sort()))
  return group?.[0] ?? asked.map((each) => REQUESTS[each] ?? each).join(', ')
}

/**
 * @param {Row} row
 * @returns {string[]} the cells of one line
 */
function cells({ asked, status, form, code, otherCode, allowsDelete, means, source }) {
  const codes = (/** @type {string[]} */ list) => list.map((each) => `\`${each}\``).join(', ')
  const allow = allowsDelete === false ? ', and `Allow` without DELETE' : ''
  return [
    requestsOf(asked),
    String(status),
    `${form === undefined ? 'any' : form.join(', ')}${allow}`,
    code !== undefined ? codes(code) : otherCode !== undefined ? `none of ${codes(otherCode)}` : 'any',
    means,
    source,
  ]
}

/**
 * @param {string} folder of the project
 * @returns {Promise<{ reads: string[][], deletes: string[][] }>} the cells of each table
 */
export async function responseRows(folder) {
  const [reads, deletes] = await Promise.all(
    ['reads', 'deletes'].map((name) => load(join(folder, ANSWERS, `${name}.ts`))),
  )
  return { reads: (reads?.READS ?? []).map(cells), deletes: (deletes?.DELETES ?? []).map(cells) }
}
