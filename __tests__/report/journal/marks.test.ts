import { describe, expect, test } from '@jest/globals'
import { Marks, type Change } from '../../../src/report/journal/marks.js'
import type { ContentEntry, TagEntry } from '../../../src/report/report.js'
import { content, tagOf } from '../reports.js'

type Entry = TagEntry | ContentEntry
type Entries = Record<string, Entry>

/** Does what is told, as the journal does, so that marks see what became of their entries. */
function carryOut(changes: readonly Change<Entry>[]): void {
  for (const { entry, ...change } of changes) Object.assign(entry, change)
}

const outcomes = (entries: Entries): Record<string, string> =>
  Object.fromEntries(Object.entries(entries).map(([name, { outcome }]) => [name, outcome]))

describe('marks', () => {
  test('change nothing themselves', () => {
    const marks = new Marks<Entry>()
    const [blob, tag] = [content('a'), tagOf('leak', { outcome: 'planned', via: null })]
    const before = structuredClone([blob, tag])
    marks.intend(blob)
    marks.intend(tag, 'on a placeholder')
    expect(marks.apply()).toEqual([
      { entry: blob, outcome: 'unknown' },
      { entry: tag, outcome: 'unknown', via: 'placeholder', reason: 'on a placeholder' },
    ])
    marks.send(blob)
    marks.settle(blob)
    marks.withdraw()
    expect([blob, tag]).toEqual(before)
  })

  test('say nothing of what is only intended', () => {
    const marks = new Marks<Entry>()
    marks.intend(content('a'))
    expect(marks.withdraw()).toEqual([])
    expect(marks.apply()).toEqual([])
  })

  test('are told once, however often something is sent', () => {
    const marks = new Marks<Entry>()
    marks.intend(content('a'))
    expect(marks.apply()).toHaveLength(1)
    expect(marks.apply()).toEqual([])
  })

  test('are taken off what was not sent, and off nothing else', () => {
    const marks = new Marks<Entry>()
    const all = { sent: content('a'), done: content('b'), unsent: content('c') }
    for (const each of Object.values(all)) marks.intend(each)
    carryOut(marks.apply())
    for (const each of [all.sent, all.done]) carryOut(marks.send(each))
    expect(outcomes(all)).toEqual({ sent: 'unknown', done: 'unknown', unsent: 'unknown' })
    carryOut(marks.settle(all.done))
    Object.assign(all.done, { outcome: 'failed' })
    carryOut(marks.withdraw())
    expect(outcomes(all)).toEqual({ sent: 'unknown', done: 'failed', unsent: 'planned' })
    expect(marks.withdraw(true)).toEqual([])
  })

  test('are all taken off if the first request did not leave', () => {
    const marks = new Marks<Entry>()
    const all = { first: content('a'), second: content('b', { outcome: 'already-gone' }) }
    for (const each of Object.values(all)) marks.intend(each)
    carryOut(marks.apply())
    carryOut(marks.send(all.first))
    carryOut(marks.withdraw(true))
    expect(outcomes(all)).toEqual({ first: 'planned', second: 'already-gone' })
  })

  test('are put on what is sent without being intended', () => {
    const marks = new Marks<Entry>()
    const blob = content('a')
    carryOut(marks.send(blob))
    expect(blob.outcome).toBe('unknown')
    expect(marks.withdraw()).toEqual([])
  })

  test('leave what was deleted as it is when it is deleted again', () => {
    const marks = new Marks<Entry>()
    const blob = content('a', { outcome: 'deleted' })
    marks.intend(blob)
    expect([marks.apply(), marks.send(blob), marks.withdraw(true)]).toEqual([[], [], []])
  })
})

describe('the note of a tag that a placeholder may take', () => {
  const noted = { outcome: 'unknown', via: 'placeholder', reason: 'on the second' } as const
  const label = 'only the label goes: because'

  test('is the latest one, and goes when the outcome is known', () => {
    const marks = new Marks<Entry>()
    const tag = tagOf('leak', { outcome: 'planned', via: null, reason: label })
    marks.intend(tag, 'on the first')
    marks.intend(tag, 'on the second')
    carryOut(marks.apply())
    expect(tag).toMatchObject(noted)
    carryOut(marks.send(tag))
    expect(tag).toMatchObject(noted)
    expect(marks.settle(tag)).toEqual([{ entry: tag, via: null, reason: label }])
    expect(marks.settle(tag)).toEqual([])
  })

  test('is put on a tag that was deleted before: a placeholder puts the tag back', () => {
    const marks = new Marks<Entry>()
    const tag = tagOf('leak', { reason: label })
    marks.intend(tag, 'on the second')
    carryOut(marks.apply())
    expect(tag).toMatchObject(noted)
    carryOut(marks.withdraw())
    expect(tag).toMatchObject({ outcome: 'deleted', via: 'tag', reason: label })
  })

  test('goes back to what it was before the first mark', () => {
    const marks = new Marks<Entry>()
    const tag = tagOf('leak', { outcome: 'planned', via: null, reason: label })
    for (const placeholder of ['on the first', 'on the second']) {
      marks.intend(tag, placeholder)
      carryOut(marks.apply())
    }
    carryOut(marks.withdraw())
    expect(tag).toMatchObject({ outcome: 'planned', via: null, reason: label })
  })
})
