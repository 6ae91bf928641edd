import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { DECLARED } from '../../src/config/declared.js'
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
