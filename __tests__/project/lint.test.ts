import { describe, expect, test } from '@jest/globals'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import config from '../../eslint.config.js'
import { MAY_IMPORT } from '../../scripts/lint/import-direction.js'

// The snippets are no files, so the rules that need types are off; ours need none.
const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    ...config,
    tseslint.configs.disableTypeChecked,
    { rules: { '@typescript-eslint/no-unused-vars': 'off' } },
  ],
})

/** What lint says of this text, were it the file `src/<file>.ts`. */
async function lint(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${text}\n`, { filePath: `src/${file}.ts` })
  return result!.messages.map((found) => `${found.ruleId ?? 'fatal'}: ${found.message}`)
}

const clean: [file: string, text: string][] = [
  ['oci/manifest', "import { parse } from './digest.js'\nexport { parse }"],
  ['config/inputs', "import { parse } from '../oci/digest.js'\nexport { parse }"],
  ['action/environment', "import { run } from '../engine.js'\nexport const a = [run, process.env.HOME]"],
  ['action/environment', "import { VERSION } from '../version.js'\nexport { VERSION }"],
  ['action/environment', "import { env } from 'node:process'\nexport { env }"],
  ['action/log', "import * as core from '@actions/core'\nexport { core }"],
  ['action/main', "import type { Result } from '../plan/journal.js'\nexport type { Result }"],
  ['action/main', "export const load = () => import('@actions/github')"],
  ['registry/client', "import { parse } from '../oci/digest.js'\nexport { parse }"],
  [
    'registry/transport/transport',
    "import fetch from 'node-fetch'\nimport http from 'node:http'\nexport { fetch, http }",
  ],
  ['survey/surveyor', "import { Client } from '../registry/client.js'\nexport { Client }"],
  ['plan/graph', "import type { Survey } from '../survey/facts.js'\nexport type { Survey }"],
  ['plan/graph', "export type { Survey } from '../survey/facts.js'"],
  ['plan/problem', "export type { ReadProblem } from '../survey/problem.js'"],
  ['plan/plan', "import { createHash } from 'node:crypto'\nexport { createHash }"],
  ['plan/plan', 'export const age = (now: number, text: string) => now - new Date(text).getTime()'],
  ['purge/execute', "import { order } from '../plan/plan.js'\nexport { order }"],
  ['proof/prove', 'export const pause = (setTimeout: (ms: number) => void) => setTimeout(5)'],
  ['report/report', "import type { Proof } from '../proof/prove.js'\nexport type { Proof }"],
  ['report/report', "import type { Settings } from '../config/settings.js'\nexport type { Settings }"],
  [
    'report/journal/journal',
    "import type { Report, Writable } from '../report.js'\nexport type A = Writable<Report>",
  ],
  ['report/report', 'export type Writable<T> = { -readonly [K in keyof T]: Writable<T[K]> }'],
  ['report/journal/journal', 'export const now = () => Date.now()'],
  ['engine', "import { run } from './flow/run.js'\nexport { run }"],
  ['engine', "import type { Settings } from './config/settings.js'\nexport type { Settings }"],
  ['action/index', "import { main } from './main.js'\nawait main()"],
]

const refused: [file: string, text: string, said: RegExp][] = [
  // The direction of the folders.
  ['oci/digest', "import '../registry/client.js'", /oci\/ may not import registry\//],
  ['config/inputs', "import '../registry/client.js'", /config\/ may not import registry\//],
  ['config/inputs', "import '../action/environment.js'", /config\/ may not import action\//],
  ['flow/run', "import '../action/environment.js'", /flow\/ may not import action\//],
  ['flow/run', "import '../engine.js'", /flow\/ may not import engine\.ts/],
  ['engine', "import './action/environment.js'", /engine\.ts may not import action\//],
  ['engine', "import './report/journal/journal.js'", /engine\.ts may not import report\//],
  ['engine', "import { readInputs } from './config/inputs.js'", /engine\.ts may not import config\//],
  ['engine', "import { settings } from './config/settings.js'", /only types/],
  ['action/main', "import '../flow/run.js'", /action\/ may not import flow\//],
  ['action/main', "import { decide } from '../plan/decide.js'", /action\/ may not import plan\//],
  ['registry/client', "import '../survey/surveyor.js'", /registry\/ may not import survey\//],
  ['registry/client', "import '../config/settings.js'", /registry\/ may not import config\//],
  [
    'survey/surveyor',
    "import { overHttp } from '../registry/transport/transport.js'",
    /gets the network passed in/,
  ],
  ['survey/surveyor', "import { decide } from '../plan/plan.js'", /survey\/ may not import plan\//],
  [
    'survey/surveyor',
    "import type { Settings } from '../config/settings.js'",
    /survey\/ may not import config\//,
  ],
  ['plan/graph', "import { Client } from '../registry/client.js'", /plan\/ may not import registry\//],
  ['plan/graph', "import type { Client } from '../registry/client.js'", /plan\/ may not import registry\//],
  ['plan/graph', "import { type Survey } from '../survey/facts.js'", /only types/],
  ['plan/graph', "import { empty } from '../survey/facts.js'", /only types/],
  ['plan/graph', "export * from '../survey/facts.js'", /only types/],
  ['plan/graph', "import type { Tags } from '../survey/lists/tags.js'", /plan\/ may not import survey\//],
  ['purge/heal', "import type { Gone } from '../proof/gone.js'", /purge\/ may not import proof\//],
  ['proof/prove', "export { heal } from '../purge/heal.js'", /proof\/ may not import purge\//],
  ['proof/prove', "import '../report/log.js'", /proof\/ may not import report\//],
  ['report/text', "import '../engine.js'", /report\/ may not import engine\.ts/],
  ['report/report', "import { read } from '../config/settings.js'", /only types/],
  ['report/report', "import type { Inputs } from '../config/inputs.js'", /report\/ may not import config\//],
  ['extra/thing', "import '../oci/digest.js'", /extra\/ has no place/],
  ['extra', "import './oci/digest.js'", /extra\.ts has no place/],
  ['engine', "import '../scripts/demo.js'", /leaves src\//],
  // The same by every other way to load a module.
  ['plan/graph', "export const a = () => import('../registry/client.js')", /may not import registry\//],
  ['plan/graph', "export type A = import('../registry/client.js').Client", /may not import registry\//],
  ['plan/graph', "import client = require('../registry/client.js')", /may not import registry\//],
  ['plan/graph', "export const a = require('../registry/client.js') as unknown", /may not import registry\//],
  ['engine', 'export const a = (name: string) => import(name)', /plain string/],
  // Packages.
  [
    'registry/client',
    "import fetch from 'node-fetch'",
    /only registry\/transport\/transport may load 'node-fetch'/,
  ],
  [
    'registry/client',
    "import type { Response } from 'node-fetch'",
    /only registry\/transport\/transport may load/,
  ],
  ['report/text', "import * as core from '@actions/core'", /only action may load '@actions\/core'/],
  ['report/log/log', "import * as core from '@actions/core'", /only action may load '@actions\/core'/],
  ['engine', "import * as core from '@actions/core'", /only action may load '@actions\/core'/],
  ['report/report', "import { context } from '@actions/github'", /only action may load '@actions\/github'/],
  ['engine', "import { context } from '@actions/github'", /only action may load '@actions\/github'/],
  ['action/main', "import axios from 'axios'", /not a package/],
  ['action/main', "import yaml from 'yaml'", /not a package/],
  ['registry/transport/transport', "import http from 'http'", /write 'node:http'/],
  // The environment.
  ['registry/transport/transport', 'export const a = process.env.HTTPS_PROXY', /Only action\/ reads/],
  ['config/inputs', 'export const a = process.env.HOME', /Only action\/ reads/],
  ['config/inputs', "import { env } from 'node:process'", /only action\/ loads/],
  ['report/summary', 'export const { env } = process', /Only action\/ reads/],
  ['report/summary', "import { env } from 'node:process'", /only action\/ loads/],
  ['engine', 'export const a = process.env.HOME', /Only action\/ reads/],
  ['engine', "import { env } from 'node:process'", /only action\/ loads/],
  ['report/text', 'console.log(1)', /no-console/],
  // The report.
  ['report/outputs', "import type { Writable } from './report.js'", /Only the journal changes the report/],
  ['flow/run', "import type { Writable as W } from '../report/report.js'", /Only the journal changes/],
  ['action/conclude', 'export const a = {} as Writable<object>', /Only the journal changes the report/],
  // A comment does not help.
  ['plan/plan', '// eslint-disable-next-line\nexport const a = Date.now()', /Time is passed in/],
]

/** Time, randomness and network in the folders that are driven from outside. */
const reaching: [text: string, said: RegExp][] = [
  ['export const a = Date.now()', /Time/],
  ['export const { now } = Date', /Time/],
  ['export const a = new Date()', /Time/],
  ['export const a = Date()', /Time/],
  ['export const a = performance.now()', /Time/],
  ['setTimeout(() => {}, 5)', /Time/],
  ['export const a = AbortSignal.timeout(5)', /Time/],
  ["import { setTimeout } from 'node:timers/promises'", /no 'node:timers\/promises'/],
  ['export const a = Math.random()', /Randomness/],
  ["export const a = Math['random']()", /Randomness/],
  ['export const a = crypto.randomUUID()', /Randomness/],
  ["import { randomBytes } from 'node:crypto'", /may take only createHash/],
  ["import crypto from 'node:crypto'", /may take only createHash/],
  ["import * as crypto from 'node:crypto'", /may take only createHash/],
  ["export const a = fetch('https://registry.example')", /The network/],
  ['export const a = globalThis.fetch', /What is global/],
  ["import http from 'node:http'", /no 'node:http'/],
  ["import { request } from 'node:https'", /no 'node:https'/],
  ["import net from 'node:net'", /no 'node:net'/],
  ["import { readFileSync } from 'node:fs'", /no 'node:fs'/],
  ['export const a = process.env.CI', /Only action\/ reads/],
  ['export const a = process.hrtime()', /What the process knows/],
]

describe('the rules on src/', () => {
  test.each(clean)('let %s hold: %j', async (file, text) => {
    expect(await lint(file, text)).toEqual([])
  })

  test.each(refused)('refuse in %s: %j', async (file, text, said) => {
    expect((await lint(file, text)).join('\n')).toMatch(said)
  })

  describe.each(['survey', 'plan', 'purge', 'proof'])('drive %s/ from outside', (folder) => {
    test.each(reaching)('and refuse: %j', async (text, said) => {
      expect((await lint(`${folder}/some`, text)).join('\n')).toMatch(said)
    })
  })

  test('leave no two folders that may import each other', () => {
    const table: Record<string, string[]> = MAY_IMPORT
    const below = (folder: string): string[] =>
      table[folder]!.map((entry) => entry.replace('type:', '').split('/')[0]!).flatMap((next) => [
        next,
        ...below(next),
      ])
    for (const folder of Object.keys(table)) expect(below(folder)).not.toContain(folder)
  })
})
