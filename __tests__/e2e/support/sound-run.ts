import { expect } from '@jest/globals'
import { Ajv } from 'ajv'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '../../../testbed/project.js'
import type { ActionResult } from '../../../testbed/run/runner.js'
import { applyMasks, type ParsedOutput } from '../../support/runner-commands.js'

const schema = JSON.parse(
  readFileSync(join(projectFolder, 'schemas', 'report.schema.json'), 'utf8'),
) as object
const isReport = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)

const GREEN = ['purged', 'planned', 'nothing-to-do']
const ENDS = [...GREEN, 'refused', 'incomplete', 'cancelled']

/** What holds in every run, however it ended. */
export function expectSoundRun(run: ActionResult, output: ParsedOutput, password: string | undefined): void {
  expect({ timedOut: run.timedOut, signal: run.signal, stderr: run.stderr }).toEqual({
    timedOut: false,
    signal: null,
    stderr: '',
  })
  const { result = '', verified, digests, kept, exposed } = run.outputs
  expect(ENDS).toContain(result)
  expect({ result, code: run.code, verified }).toEqual({
    result,
    code: GREEN.includes(result) ? 0 : 1,
    verified: String(result === 'purged'),
  })
  const digest = '(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})'
  const shapes = [
    [digests, new RegExp(`^${digest}$`)],
    [kept, new RegExp(`^${digest}$`)],
    [exposed, new RegExp(`^[a-z0-9/._-]+@${digest}$`)],
  ] as const
  for (const [list, shape] of shapes) {
    const parsed = JSON.parse(list ?? '') as string[]
    expect(parsed.filter((each) => !shape.test(each))).toEqual([])
    expect(new Set(parsed).size).toBe(parsed.length)
  }

  expect(run.reportPath).toBeDefined()
  isReport(run.report)
  expect(isReport.errors ?? []).toEqual([])
  expect(run.report).toMatchObject({ result, registry: run.report.registry })
  expect(run.report.endedAt).not.toBeNull()
  expect(run.report.run).toMatchObject({ repository: 'acme/infra', actor: 'octocat', attempt: 1 })
  expect(run.summary).toMatch(/^## /)
  expect(run.summary).toContain('https://github.com/acme/infra/actions/runs/1234567890')

  expect(output.problems).toEqual([])
  expect(output.annotations.filter(({ group }) => group !== undefined)).toEqual([])
  if (run.code !== 0) expect(output.annotations.filter(({ level }) => level === 'error')).not.toEqual([])
  expect(run.log).not.toMatch(/^\s+at \S.*[:(]\d*|has a defect|UnhandledPromise|node:internal/m)
  if (password !== undefined) expectNoSecret(run, output, password)
}

/** Neither the password nor what is sent for it stands in anything that a run writes, but where it is masked. */
function expectNoSecret(run: ActionResult, output: ParsedOutput, password: string): void {
  const texts = {
    log: run.log.replace(/^::add-mask::.*$/gm, ''),
    summary: run.summary,
    report: JSON.stringify(run.report),
    outputs: JSON.stringify(run.outputs),
  }
  const holding = Object.entries(texts).filter(([, text]) => applyMasks(text, [password]) !== text)
  expect(holding.map(([name]) => name)).toEqual([])
  if (password.length >= 4) expect(output.masks).toContain(password)
}
