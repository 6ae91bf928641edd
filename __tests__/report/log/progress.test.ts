import { describe, expect, test } from '@jest/globals'
import { counted } from '../../../src/registry/progress.js'
import { Narrator } from '../../../src/report/log/narrator.js'
import { ProgressMeter } from '../../../src/report/log/progress.js'

describe('progress', () => {
  let now = 0
  const meterWith = (lines: string[]): ProgressMeter =>
    new ProgressMeter(
      () => now,
      (line) => lines.push(line),
    )

  test('says done, total, rate and time left', () => {
    const lines: string[] = []
    const meter = meterWith(lines)
    const counting = meter.of('tags read', 2000)
    for (let at = 0; at < 500; at++) counting.done()
    now += 10_000
    meter.beat()
    expect(lines).toEqual(['500 of 2000 tags read, 50 a second, about 30 s left'])
  })

  test('says nothing of what has only begun, or is over', () => {
    const lines: string[] = []
    const meter = meterWith(lines)
    const over = meter.of('configs read', 10)
    now += 60_000
    over.end()
    meter.of('tags read', 10)
    meter.beat()
    expect(lines).toEqual([])
  })

  test('says of what stands still that nothing came, and of two counts both', () => {
    const lines: string[] = []
    const meter = meterWith(lines)
    const all = meter.of('repositories surveyed', 10)
    for (let at = 0; at < 3; at++) all.done()
    meter.of('tags read', 100)
    now += 100_000
    meter.beat()
    expect(lines).toEqual([
      '3 of 10 repositories surveyed, 0.0 a second, about 4 min left; 0 of 100 tags read, nothing yet',
    ])
  })

  test('ends with its work, also where that fails', async () => {
    const lines: string[] = []
    const meter = meterWith(lines)
    await counted(meter, 'tags read', [1, 2], 1, () => Promise.reject(new Error('no'))).catch(() => {})
    now += 60_000
    meter.beat()
    expect(lines).toEqual([])
  })

  test('stands outside of groups, and there is still but one group a step', () => {
    const lines: string[] = []
    const say = (what: string) => (text: string) => void lines.push(`${what}${text}`)
    const log = {
      begin: say('group '),
      end: () => void lines.push('end'),
      info: say(''),
      notice: say('notice '),
      warning: say('warning '),
      error: say('error '),
      debug: say('debug '),
    }
    const narrator = new Narrator(log)
    const repository = 'acme/app' as Parameters<Narrator['begin']>[0]
    narrator.begin(repository, 'Resolve')
    narrator.note('one')
    narrator.progress('5 of 10')
    narrator.progress('8 of 10')
    narrator.note('two')
    narrator.end(repository, 'Resolve', 'all read')
    narrator.begin(repository, 'Plan')
    narrator.end(repository, 'Plan', 'planned')
    narrator.progress('9 of 10')
    expect(lines).toEqual([
      'group Resolve',
      'one',
      'end',
      'Resolve: 5 of 10',
      'Resolve: 8 of 10',
      'two',
      'Resolve: all read',
      'group Plan',
      'end',
      'Plan: planned',
      '9 of 10',
    ])
  })
})
