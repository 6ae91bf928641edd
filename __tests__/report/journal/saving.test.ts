import { mkdtempSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ReportFile } from '../../../src/report/journal/file.js'
import { Saving } from '../../../src/report/journal/saving.js'
import { FakeClock } from '../../support/clock.js'

let folder = ''
let clock = new FakeClock()
let value = 0
let rendered = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saving-'))
  clock = new FakeClock({ autoAdvance: false })
  value = 0
  rendered = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

const make = (name = 'report.json'): Saving =>
  new Saving(new ReportFile(join(folder, name), 'stamp'), clock, () => {
    rendered++
    return String(value)
  })
const text = (name = 'report.json'): number => Number(readFileSync(join(folder, name), 'utf8'))
const breakFolder = (): void => {
  renameSync(join(folder, 'place'), join(folder, 'away'))
  writeFileSync(join(folder, 'place'), 'no folder any more')
}
const mendFolder = (): void => {
  unlinkSync(join(folder, 'place'))
  renameSync(join(folder, 'away'), join(folder, 'place'))
}

describe('what is written', () => {
  test('at once is the value as it is then', () => {
    const saving = make()
    expect(saving.path).toBe(join(folder, 'report.json'))
    saving.now()
    expect(text()).toBe(0)
    value = 1
    saving.now()
    expect(text()).toBe(1)
  })

  test('is nothing before the first write at once', async () => {
    const saving = make()
    saving.soon()
    expect(saving.tryNow()).toBeUndefined()
    await clock.advance(5_000)
    expect([rendered, clock.sleeping()]).toEqual([0, 0])
  })

  test('soon is written when a second has passed, with all that came meanwhile', async () => {
    const saving = make()
    saving.now()
    for (value = 1; value < 100; value++) saving.soon()
    await clock.advance(999)
    expect([text(), rendered]).toEqual([0, 1])
    await clock.advance(1)
    expect([text(), rendered]).toEqual([100, 2])
    expect(clock.sleeping()).toBe(0)
  })

  test('soon is written at once if the last write is a second ago', async () => {
    const saving = make()
    saving.now()
    await clock.advance(1_000)
    value = 1
    saving.soon()
    expect(text()).toBe(1)
    value = 2
    saving.soon()
    expect(text()).toBe(1)
    await clock.advance(1_000)
    expect(text()).toBe(2)
  })

  test('at once takes the place of what was to be written soon', async () => {
    const saving = make()
    saving.now()
    value = 1
    saving.soon()
    value = 2
    expect(saving.tryNow()).toBeUndefined()
    await clock.advance(5_000)
    expect([text(), rendered, clock.sleeping()]).toEqual([2, 2, 0])
    value = 3
    saving.soon()
    expect(text()).toBe(3)
  })
})

describe('a file that cannot be written', () => {
  test('is an error at once, or is told', () => {
    const saving = make('place/report.json')
    saving.now()
    breakFolder()
    expect(() => saving.now()).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
    expect(saving.tryNow()).toMatchObject({ code: 'ENOTDIR' })
    mendFolder()
    expect(saving.tryNow()).toBeUndefined()
  })

  test('is tried again a second later, and not for every change', async () => {
    const saving = make('place/report.json')
    saving.now()
    breakFolder()
    await clock.advance(1_000)
    saving.soon()
    expect(rendered).toBe(2)
    for (value = 1; value < 10; value++) saving.soon()
    expect(rendered).toBe(2)
    mendFolder()
    await clock.advance(1_000)
    expect([text('place/report.json'), rendered]).toEqual([10, 3])
  })
})
