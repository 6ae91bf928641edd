import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { DECLARED, undeclared, variableOf, type InputName } from '../../src/config/declared.js'
import { VERSION } from '../../src/version.js'

const text = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

describe('what the code takes for declared', () => {
  test('is what action.yml declares, with the same defaults', () => {
    const { inputs } = parse(text('action.yml')) as { inputs: Record<string, { default?: string }> }
    expect(Object.entries(DECLARED)).toEqual(
      Object.entries(inputs).map(([name, input]) => [name, input.default]),
    )
  })

  test('requires no input by the runner, which only warns, and has defaults that are texts', () => {
    const { inputs } = parse(text('action.yml')) as { inputs: Record<string, Record<string, unknown>> }
    for (const input of Object.values(inputs)) {
      expect(input['required']).toBeUndefined()
      if ('default' in input) expect(typeof input['default']).toBe('string')
    }
  })

  test('has the version of package.json', () => {
    expect(VERSION).toBe((JSON.parse(text('package.json')) as { version: string }).version)
  })
})

describe('the variable of an input', () => {
  test.each([
    ['image', 'INPUT_IMAGE'],
    ['dry-run', 'INPUT_DRY-RUN'],
    ['two words', 'INPUT_TWO_WORDS'],
  ])('%s is as the runner writes it', (name, variable) => {
    expect(variableOf(name)).toBe(variable)
  })
})

describe('an undeclared input', () => {
  const all = Object.fromEntries(Object.keys(DECLARED).map((name) => [variableOf(name), 'x']))

  test('is none that is declared', () => {
    expect(undeclared(all)).toEqual([])
  })

  test('is no variable but one of an input', () => {
    expect(undeclared({ PATH: '/bin', INPUT: 'x', XINPUT_TAG: 'x', GITHUB_ACTIONS: 'true' })).toEqual([])
  })

  test.each<[string, InputName]>([
    ['INPUT_DRY_RUN', 'dry-run'],
    ['INPUT_DRYRUN', 'dry-run'],
    ['INPUT_EXCLUDE-TAGS', 'protected-tags'],
    ['INPUT_EXCLUDE_TAGS', 'protected-tags'],
    ['INPUT_TAG', 'image'],
    ['INPUT_IMAGES', 'image'],
    ['INPUT_REGISTY', 'registry'],
    ['INPUT_PASWORD', 'password'],
    ['INPUT_PROTECTED_TAGS', 'protected-tags'],
    ['INPUT_PROTECT-TAGS', 'protected-tags'],
    ['INPUT_VERIFY_ATTEMPTS', 'verify-attempts'],
    ['INPUT_VERIFY-TIMOUT', 'verify-timeout'],
    ['INPUT_SHARED_BLOBS', 'shared-blobs'],
    ['INPUT_CA_CERTIFICATE', 'ca-certificate'],
    ['INPUT_TLS_VERIFY', 'tls-verify'],
    ['INPUT_REPORT_FILE', 'report-file'],
    ['INPUT_APROVE', 'approve'],
    ['INPUT_', 'image'],
  ])('%s is answered with the nearest one', (variable, nearest) => {
    const [sentence, ...more] = undeclared({ [variable]: 'x' })
    expect(more).toEqual([])
    expect(sentence).toContain('is not an input')
    if (variable !== 'INPUT_') expect(sentence).toContain(`\`${nearest}\``)
  })

  test('is an error although it is empty: the runner hands over what is written', () => {
    expect(undeclared({ INPUT_DRY_RUN: '' })).toHaveLength(1)
  })

  test.each(['resume', 'gc-command', 'gc-dry-run-command', 'restart-command'])(
    'is also one of a later version, so that a workflow for that purges nothing here: %s',
    (name) => {
      expect(undeclared({ [variableOf(name)]: 'x' })).toHaveLength(1)
    },
  )

  test('is named with each other one, and never with its value', () => {
    const sentences = undeclared({ ...all, INPUT_TOKEN: 'hunter22', INPUT_DRY_RUN: 'hunter22' })
    expect(sentences).toHaveLength(2)
    expect(sentences.join('\n')).not.toContain('hunter22')
  })

  test('of any length is answered at once', () => {
    const started = Date.now()
    expect(undeclared({ [`INPUT_${'X'.repeat(1_000_000)}`]: '' })).toHaveLength(1)
    expect(Date.now() - started).toBeLessThan(1000)
  })
})
