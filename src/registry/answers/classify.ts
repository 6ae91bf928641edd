import { errorEntries } from '../errors.js'
import type { Response } from '../send.js'
import { DELETES } from './deletes.js'
import { formOf } from './form.js'
import type { Asked, Form, Meaning, Row } from './meaning.js'
import { READS } from './reads.js'

/** The whole table. docs/responses.md is generated from it. */
export const TABLE: readonly Row[] = [...READS, ...DELETES]

/**
 * Judges a response by status, form and error code. It is the only place that does: neither the name nor the version of a
 * registry matters. A response that the storage sent after a redirect is not judged here.
 *
 * @returns `unclear` if no row of the table fits
 */
export function meaningOf(asked: Asked, response: Response): Meaning {
  return rowOf(asked, response)?.means ?? 'unclear'
}

/** @returns the row of the table that a response fits, or undefined if there is none */
export function rowOf(asked: Asked, response: Response): Row | undefined {
  const codes = errorEntries(response.body).map(({ code }) => code)
  const form = formOf(response)
  return TABLE.find((row) => row.asked.includes(asked) && fits(row, response, form, codes))
}

function fits(row: Row, { status, headers }: Response, form: Form, codes: readonly string[]): boolean {
  if (typeof row.status === 'number' ? row.status !== status : `${Math.floor(status / 100)}xx` !== row.status)
    return false
  if (row.form !== undefined && !row.form.includes(form)) return false
  if (row.code !== undefined && !codes.some((code) => isAmong(code, row.code ?? []))) return false
  if (row.otherCode !== undefined && codes.some((code) => isAmong(code, row.otherCode ?? []))) return false
  return row.allowsDelete === undefined || forbidsDelete(headers.get('allow'))
}

function isAmong(code: string, list: readonly string[]): boolean {
  return list.some((each) => (each.startsWith('*') ? code.endsWith(each.slice(1)) : code === each))
}

function forbidsDelete(allow: string | undefined): boolean {
  return allow !== undefined && !allow.toUpperCase().includes('DELETE')
}
