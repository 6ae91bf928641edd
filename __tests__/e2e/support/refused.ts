import { expect } from '@jest/globals'
import { snapshot, type Asked } from './registry-state.js'
import { expectResult, purge, type Inputs, type Registry, type Run } from './support.js'

/**
 * Runs the action and makes sure that it refused and that a client sees all of this as before.
 *
 * @param asked what is looked at before and after; all of it in one repository
 */
export async function expectRefusal(
  registry: Registry,
  repository: string,
  asked: Asked,
  inputs: Inputs,
): Promise<Run> {
  const before = await snapshot(registry, repository, asked)
  const run = await purge(registry, inputs)
  expectResult(run, 'refused')
  expect(await snapshot(registry, repository, asked)).toEqual(before)
  expect(run.digests).toEqual([])
  expect(run.summary).toMatch(/^## .*nothing was written/)
  return run
}
