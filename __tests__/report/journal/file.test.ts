import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ReportFile } from '../../../src/report/journal/file.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'report-file-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const STAMP = '2026-01-02T03-04-05.678Z'
const make = (...names: string[]): ReportFile => new ReportFile(join(folder, ...names), STAMP)
const read = (...names: string[]): string => readFileSync(join(folder, ...names), 'utf8')
const files = (): string[] => readdirSync(folder).sort()

/** The name that a file gets which was at report.json before. */
const BESIDE = `report-${STAMP}.json`

describe('the file', () => {
  test('has the text, and nothing else stays beside it', () => {
    const file = make('report.json')
    expect(file.exists).toBe(false)
    file.write('whole\n')
    expect(file.exists).toBe(true)
    expect(file.path).toBe(join(folder, 'report.json'))
    expect(read('report.json')).toBe('whole\n')
    expect(files()).toEqual(['report.json'])
  })

  test('has an absolute path', () => {
    expect(new ReportFile('report.json', STAMP).path).toBe(join(process.cwd(), 'report.json'))
  })

  test('is in folders that are made for it', () => {
    make('a/b/report.json').write('text')
    expect(existsSync(join(folder, 'a/b/report.json'))).toBe(true)
  })

  test('is a new file each time, put in place whole: who reads meanwhile reads the old one to its end', () => {
    const file = make('report.json')
    file.write('first')
    const inode = statSync(file.path).ino
    file.write('second')
    expect(statSync(file.path).ino).not.toBe(inode)
    expect(read('report.json')).toBe('second')
    expect(files()).toEqual(['report.json'])
  })

  test('takes the place of another one only after renaming that, by the stamp', () => {
    writeFileSync(join(folder, 'report.json'), 'somebody else’s')
    const file = make('report.json')
    file.write('first')
    file.write('second')
    expect(files()).toEqual([BESIDE, 'report.json'].sort())
    expect(read(BESIDE)).toBe('somebody else’s')
    expect(read('report.json')).toBe('second')
  })

  test('renames to a name that is not taken either', () => {
    const second = BESIDE.replace('.json', '-2.json')
    writeFileSync(join(folder, 'report.json'), 'two')
    writeFileSync(join(folder, BESIDE), 'one')
    make('report.json').write('three')
    expect(files()).toEqual([second, BESIDE, 'report.json'].sort())
    expect([BESIDE, second, 'report.json'].map((name) => read(name))).toEqual(['one', 'two', 'three'])
  })

  test('may have a name without an ending, or with a dot in front', () => {
    for (const name of ['report', '.report']) {
      writeFileSync(join(folder, name), name)
      make(name).write('text')
      expect(read(name)).toBe('text')
    }
    expect(files()).toHaveLength(4)
  })

  test('takes the place of a link, and never of what that leads to', () => {
    writeFileSync(join(folder, 'target'), 'precious')
    symlinkSync(join(folder, 'target'), join(folder, 'report.json'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'other.json'))
    make('report.json').write('text')
    make('other.json').write('text')
    expect(read('target')).toBe('precious')
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
    for (const name of ['report.json', 'other.json'])
      expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(false)
  })

  test('does not take the place of a folder, and leaves no draft behind', () => {
    mkdirSync(join(folder, 'report.json'))
    const file = make('report.json')
    expect(() => file.write('text')).toThrow()
    expect(file.exists).toBe(false)
    expect(files()).toEqual(['report.json'])
    expect(lstatSync(join(folder, 'report.json')).isDirectory()).toBe(true)
  })

  test('cannot be where a file is on the way, and says so', () => {
    writeFileSync(join(folder, 'a'), '')
    expect(() => make('a/report.json').write('text')).toThrow(
      expect.objectContaining({ code: 'ENOTDIR', name: 'JournalError' }),
    )
  })

  const withProc = existsSync('/proc/self') ? '/proc/no-such-folder/report.json' : '/dev/null/report.json'
  test('at a path that takes no folder ends in an error, and not never', () => {
    expect(() => new ReportFile(withProc, STAMP).write('text')).toThrow()
  })

  test('that cannot be replaced keeps its text, and no draft stays', () => {
    const file = make('place/report.json')
    file.write('first')
    renameSync(join(folder, 'place'), join(folder, 'away'))
    writeFileSync(join(folder, 'place'), 'no folder any more')
    expect(() => file.write('second')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
    unlinkSync(join(folder, 'place'))
    renameSync(join(folder, 'away'), join(folder, 'place'))
    expect(readdirSync(join(folder, 'place'))).toEqual(['report.json'])
    expect(read('place/report.json')).toBe('first')
    file.write('third')
    expect(read('place/report.json')).toBe('third')
  })
})

describe('two runs with one path', () => {
  test('never overwrite each other’s file', () => {
    const path = join(folder, 'report.json')
    const first = new ReportFile(path, '2026-01-01')
    const second = new ReportFile(path, '2026-02-02')
    first.write('one')
    second.write('two')
    first.write('one, at the end')
    second.write('two, at the end')
    first.write('one, at the end')
    expect(read('report.json')).toBe('two, at the end')
    expect(second.path).toBe(path)
    expect(first.path).not.toBe(path)
    expect(readFileSync(first.path, 'utf8')).toBe('one, at the end')
    for (const name of files()) expect(read(name)).toMatch(/^(one|two)/)
  })

  test('never overwrite what somebody put there in the meantime', () => {
    const file = make('report.json')
    file.write('first')
    renameSync(file.path, join(folder, 'moved.json'))
    writeFileSync(join(folder, 'report.json'), 'new')
    file.write('second')
    expect(read('report.json')).toBe('new')
    expect(readFileSync(file.path, 'utf8')).toBe('second')
  })

  test('write again if the file was taken away', () => {
    const file = make('report.json')
    file.write('first')
    unlinkSync(file.path)
    file.write('second')
    expect(readFileSync(file.path, 'utf8')).toBe('second')
  })
})
