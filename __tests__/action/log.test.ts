import { afterEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { actionsLog } from '../../src/action/log.js'
import type { Log } from '../../src/report/log/log.js'
import { parseOutput, type ParsedOutput } from '../support/runner-commands.js'
import { HOSTILE } from '../report/reports.js'

const write = process.stdout.write.bind(process.stdout)
afterEach(() => {
  process.stdout.write = write
})

/** What the runner makes of what is logged. */
function logged(
  use: (log: Log) => void,
  redact = (text: string): string => text,
): ParsedOutput & { raw: string } {
  let raw = ''
  process.stdout.write = (text: string | Uint8Array): boolean => {
    raw += String(text)
    return true
  }
  try {
    use(actionsLog(redact))
  } finally {
    process.stdout.write = write
  }
  return { ...parseOutput(raw), raw }
}

describe('the log', () => {
  test('has groups, lines and annotations', () => {
    const output = logged((log) => {
      log.begin('Plan')
      log.info('inside')
      log.end()
      log.info('outside')
      log.notice('n')
      log.warning('w\nmore')
      log.error('e')
    })
    expect(output.groups).toEqual([{ title: 'Plan', lines: ['inside'], closed: true }])
    expect(output.outside).toEqual(['outside'])
    expect(output.annotations.map(({ level, message }) => [level, message])).toEqual([
      ['notice', 'n'],
      ['warning', 'w\nmore'],
      ['error', 'e'],
    ])
    expect(output.problems).toEqual([])
  })

  test.each(HOSTILE)('takes no command from a text: %j', (text) => {
    const { commands, groups, problems } = logged((log) => {
      log.begin(text)
      log.info(text)
      log.info(`manifest ${text}`)
      log.end()
      log.notice(text)
      log.warning(text)
      log.error(text)
    })
    expect(commands.map(({ name }) => name)).toEqual(['group', 'endgroup', 'notice', 'warning', 'error'])
    expect([groups.length, groups[0]?.closed, problems]).toEqual([1, true, []])
    for (const { properties } of commands) expect(properties).toEqual({})
  })

  test('takes no command from any text', () => {
    const text = fc.string({
      unit: fc.constantFrom(...':#[]\n\r \t%,=a', 'error', 'group', '\u0085', '\ufeff'),
    })
    fc.assert(
      fc.property(text, (text) => {
        const { commands } = logged((log) => {
          log.info(text)
          log.warning(text)
        })
        expect(commands.map(({ name }) => name)).toEqual(['warning'])
      }),
      { numRuns: 3000 },
    )
  })

  test('makes so many annotations as the runner shows, and says the rest as lines', () => {
    const { annotations, text } = logged((log) => {
      for (let number = 0; number < 30; number++) {
        log.warning(`w${number}`)
        log.error(`e${number}`)
      }
    })
    for (const level of ['warning', 'error'])
      expect(annotations.filter((each) => each.level === level).length).toBeLessThan(10)
    expect(annotations.length + text.length).toBe(60)
    expect(text).toContain('Warning: w29')
    expect(text).toContain('Error: e29')
  })

  test('cuts an annotation that is too long', () => {
    const { annotations } = logged((log) => log.error('x\n'.repeat(100_000)))
    expect(annotations[0]?.message.length).toBeLessThan(5000)
  })

  test('never prints a secret, whichever way a text takes', () => {
    const { raw } = logged(
      (log) => {
        log.begin('a hunter22')
        log.info('b hunter22')
        log.end()
        log.notice('c hunter22')
        log.warning('d hunter22')
        log.error('e hunter22')
        log.debug('f hunter22')
      },
      (text) => text.replaceAll('hunter22', '***'),
    )
    expect(raw).not.toContain('hunter22')
    expect(raw.match(/[a-f] \*\*\*/g)).toHaveLength(6)
  })

  test('makes a line for debugging a command that no text can leave', () => {
    const { commands } = logged((log) => log.debug('GET x\n::add-mask::y'))
    expect(commands.map(({ name }) => name)).toEqual(['debug'])
  })
})
