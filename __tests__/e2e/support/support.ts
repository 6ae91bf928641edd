import { afterAll, afterEach, beforeAll, describe, expect, jest } from '@jest/globals'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Registry } from '../../../testbed/images/push.js'
import { findOlareg, olaregVersion } from '../../../testbed/obtain/olareg-binary.js'
import {
  findRegistry,
  registryVersions,
  type RegistryVersion,
} from '../../../testbed/obtain/registry-binary.js'
import { projectFolder, temporaryFolder } from '../../../testbed/project.js'
import { runAction, type ActionResult, type ActionRun } from '../../../testbed/run/runner.js'
import { makeAuthority, type Authority } from '../../../testbed/serve/authority.js'
import { startOlareg } from '../../../testbed/serve/olareg-server.js'
import {
  startRegistry,
  type RegistryOptions,
  type RegistryServer,
} from '../../../testbed/serve/registry-server.js'
import { parseOutput, type ParsedOutput } from '../../support/runner-commands.js'
import { expectSoundRun } from './sound-run.js'

/** A test starts several processes, and each has a minute. */
jest.setTimeout(180_000)

export type { Registry, RegistryServer, RegistryVersion }
export const versions: readonly RegistryVersion[] = registryVersions

/** A version of distribution, or the registry of another project. */
export type Implementation = RegistryVersion | 'olareg'
/** One of each kind: the newest distribution, the one that cannot delete a tag, and one with a referrers API. */
export const implementations = ['3.1.1', '2.8.2', 'olareg'] as const

const programs = new Map<Implementation, Awaited<ReturnType<typeof findOlareg>>>(
  await Promise.all([
    ...versions.map(async (version) => [version, await findRegistry(version)] as const),
    findOlareg().then((found) => ['olareg', found] as const),
  ]),
)

/** Undone after the test, or after the block for what was begun before its tests; the last first. */
const afterTest: (() => unknown)[] = []
const undoAll = async (steps: (() => unknown)[]): Promise<void> => {
  for (const undo of steps.splice(0).reverse()) await undo()
}
afterEach(() => undoAll(afterTest))

/** Has something ended or removed when the test is over. */
export function later(undo: () => unknown): void {
  afterTest.push(undo)
}

const files: (() => unknown)[] = []
afterAll(() => undoAll(files))

/** A folder that goes with the test file. */
export async function folderFor(purpose: string): Promise<string> {
  const folder = await temporaryFolder(`e2e-${purpose}`)
  files.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

let made: Promise<Authority> | undefined

/** The private authority of this test file, with a certificate for 127.0.0.1. */
export function authority(): Promise<Authority> {
  made ??= folderFor('tls').then((folder) => makeAuthority(join(folder, 'tls')))
  return made
}

export type Start = (options?: Partial<RegistryOptions>) => Promise<RegistryServer>

/**
 * A block of tests against one registry. Where its program cannot be had, the tests are skipped and the name of the
 * block says why.
 *
 * @param body gets a function that starts a registry (https, private authority, Basic where there is a choice,
 *   deletion on) for one test
 */
export function onRegistry<Kind extends Implementation>(
  kind: Kind,
  body: (start: Start, kind: Kind) => void,
): void {
  const name = kind === 'olareg' ? `olareg ${olaregVersion}` : `distribution ${kind}`
  const program = programs.get(kind) ?? { missing: 'it was not looked for' }
  if ('missing' in program) {
    describe.skip(`${name} (skipped: ${program.missing})`, () =>
      body(() => Promise.reject(new Error(program.missing)), kind))
    return
  }
  describe(name, () =>
    body(async (options) => {
      const common = { binary: program, folder: await folderFor('registry'), tls: await authority() }
      const registry = await (kind === 'olareg'
        ? startOlareg({ ...common, ...options })
        : startRegistry({ ...common, basic: true, ...options }))
      afterTest.push(() => registry.stop())
      return registry
    }, kind),
  )
}

/** Plain http, for tests that push a lot and are not about the wire. */
export const plain: Partial<RegistryOptions> = { tls: undefined }

/** One registry for all tests of a block, each with repositories of its own. */
export function sharedRegistry(start: Start, options?: Partial<RegistryOptions>): () => RegistryServer {
  let registry: RegistryServer | undefined
  const own: (() => unknown)[] = []
  beforeAll(async () => {
    registry = await start(options)
    own.push(...afterTest.splice(0))
  })
  afterAll(() => undoAll(own))
  return () => {
    if (registry === undefined) throw new Error('the registry of this block did not start')
    return registry
  }
}

export type Inputs = Readonly<Record<string, string | undefined>>

export interface Run extends ActionResult {
  /** The log as the runner reads it. */
  readonly output: ParsedOutput
  readonly result: string
  /** The outputs `digests` and `kept`. */
  readonly digests: string[]
  readonly kept: string[]
  /** The output `exposed`. */
  readonly exposed: string[]
  /** All errors in one text. */
  readonly errors: string
}

/**
 * Runs the bundled action against a registry, with its credentials and authority. One round is enough where a test is
 * not about rounds. Every run is checked for what holds in each.
 *
 * @param inputs are added last; undefined takes one away
 */
export async function purge(
  registry: Registry,
  inputs: Inputs,
  more: Omit<ActionRun, 'inputs'> = {},
): Promise<Run> {
  const all: Inputs = {
    registry: registry.url,
    username: registry.auth?.username,
    password: registry.auth?.password,
    'ca-certificate': registry.ca,
    'verify-attempts': '1',
    'verify-interval': '0s',
    ...inputs,
  }
  const given = Object.entries(all).filter((input): input is [string, string] => input[1] !== undefined)
  const done = await runAction({
    inputs: Object.fromEntries(given),
    folder: await folderFor('run'),
    timeoutMs: 60_000,
    ...more,
  })
  const output = parseOutput(done.log)
  expectSoundRun(done, output, all['password'])
  return {
    ...done,
    output,
    result: done.outputs['result'] ?? '',
    digests: JSON.parse(done.outputs['digests'] ?? '[]') as string[],
    kept: JSON.parse(done.outputs['kept'] ?? '[]') as string[],
    exposed: JSON.parse(done.outputs['exposed'] ?? '[]') as string[],
    errors: [
      ...output.annotations.filter(({ level }) => level === 'error').map(({ message }) => message),
      // The runner keeps ten annotations of a kind; further errors stand in the log only.
      ...output.outside.filter((line) => line.startsWith('Error: ')),
    ].join('\n'),
  }
}

/**
 * Has the clock of the run go on at once while the run does nothing but wait, before a retry or between two rounds. For
 * tests in which nobody else takes time.
 */
export const noWaits: Pick<ActionRun, 'env'> = {
  env: {
    NODE_OPTIONS: `--import=${pathToFileURL(join(projectFolder, '__tests__', 'e2e', 'support', 'no-waits.js')).href}`,
  },
}

/** What an input of several lines looks like. */
export const lines = (...entries: string[]): string => entries.join('\n')

/** A run that ended as it should, or its whole log as the message. */
export function expectResult(run: Run, result: string): void {
  const seen = { result: run.result, code: run.code }
  const wanted = { result, code: ['purged', 'planned', 'nothing-to-do'].includes(result) ? 0 : 1 }
  if (JSON.stringify(seen) !== JSON.stringify(wanted))
    throw new Error(`${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}:\n${run.log}`)
  expect(seen).toEqual(wanted)
}
