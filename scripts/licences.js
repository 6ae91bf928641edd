// Completes dist/ after the bundler: adds the licences of all bundled packages, and the marker that makes the bundle an ES
// module. The bundler's own licence list lacks the packages of its second chunk, so the list comes from the lock file:
// each package that is not only for development, with its licence texts. Equal input gives equal bytes.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const TEXT = /^(licen[cs]e|notice|copying)([.-].*)?$/i

/**
 * @param {string} a
 * @param {string} b
 */
const byCode = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

/** @param {string} file */
const read = (file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim()

/**
 * Finds a licence text at the end of the readme, for a package without a licence file.
 * @param {string} folder
 */
function fromReadme(folder) {
  const name = readdirSync(folder).find((file) => /^readme(\.md)?$/i.test(file))
  const text = name && /^#* *licen[cs]e *\n(?:[-=]+ *\n)?([^]*)/im.exec(read(path.join(folder, name)))?.[1]
  return text === undefined ? [] : [text.trim()]
}

/**
 * The licence and notice texts of one installed package, or a note that it has none.
 * @param {string} folder
 */
function textsOf(folder) {
  const files = readdirSync(folder)
    .filter((file) => TEXT.test(file))
    .sort(byCode)
  const texts = files.length > 0 ? files.map((file) => read(path.join(folder, file))) : fromReadme(folder)
  return texts.length > 0 ? texts : ['(The package ships no licence text.)']
}

const lock = JSON.parse(read('package-lock.json'))
const sections = Object.entries(lock.packages)
  .filter(([folder, entry]) => folder !== '' && !entry.dev && !entry.devOptional && !entry.link)
  .map(([folder, entry]) => {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const head = `${name} ${entry.version} (${entry.license ?? 'no licence named'})`
    return [head, '-'.repeat(head.length), ...textsOf(folder), ''].join('\n')
  })

mkdirSync('dist', { recursive: true })
// Two copies of the same version of a package give one section.
writeFileSync('dist/LICENSES.txt', [...new Set(sections)].sort(byCode).join('\n'))
const marker = 'dist/package.json'
if (!existsSync(marker)) writeFileSync(marker, '{\n  "type": "module"\n}\n')
