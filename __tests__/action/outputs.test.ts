import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { setOutputs } from '../../src/action/outputs.js'
import { RunnerFileError } from '../../src/action/runner-file.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outputs-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the outputs', () => {
  test('reach the runner by its file', () => {
    const path = join(folder, 'output')
    writeFileSync(path, '')
    setOutputs({ result: 'purged', report: 'a\nb=c' }, { variable: 'GITHUB_OUTPUT', path })
    expect(readFileSync(path, 'utf8')).toMatch(/^result<<(\S+)\npurged\n\1\nreport<<(\S+)\na\nb=c\n\2\n$/)
  })

  test.each<[why: string, path: string | undefined, said: RegExp]>([
    ['the variable is not set', undefined, /^GITHUB_OUTPUT is not set$/],
    ['the variable is empty', '', /^GITHUB_OUTPUT is not set$/],
    ['the file is gone', '/no-such-folder/output', /^GITHUB_OUTPUT: ENOENT$/],
  ])('do not if %s, which is said', (_, path, said) => {
    const set = () => setOutputs({ result: 'purged' }, { variable: 'GITHUB_OUTPUT', path })
    expect(set).toThrow(RunnerFileError)
    expect(set).toThrow(said)
  })
})
