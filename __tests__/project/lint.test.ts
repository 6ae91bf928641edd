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
  ['config/inputs', "import { parse } from '../oci/digest.js'\nexport const a = [parse, process.env.HOME]"],
  ['registry/client', "import { parse } from '../oci/digest.js'\nexport { parse }"],
  [
    'registry/transport',
    "import fetch from 'node-fetch'\nimport http from 'node:http'\nexport { fetch, http }",
  ],
  ['survey/collect', "import { Client } from '../registry/client.js'\nexport { Client }"],
  ['plan/graph', "import type { Survey } from '../survey/facts.js'\nexport type { Survey }"],
  ['plan/graph', "export type { Survey } from '../survey/facts.js'"],
  ['plan/plan', "import { createHash } from 'node:crypto'\nexport { createHash }"],
  ['plan/plan', 'export const age = (now: number, text: string) => now - new Date(text).getTime()'],
  ['purge/execute', "import { order } from '../plan/plan.js'\nexport { order }"],
  ['proof/prove', 'export const pause = (setTimeout: (ms: number) => void) => setTimeout(5)'],
  ['report/report', "import type { Proof } from '../proof/prove.js'\nexport type { Proof }"],
  ['report/report', "import type { Settings } from '../config/settings.js'\nexport type { Settings }"],
  ['report/record', 'export const now = () => Date.now()'],
  ['report/log', "import * as core from '@actions/core'\nexport { core }"],
  ['report/outputs', "import * as core from '@actions/core'\nexport { core }"],
  ['report/summary', "import * as core from '@actions/core'\nexport { core }"],
  [
    'main',
    "import * as core from '@actions/core'\nexport const load = () => [core, import('@actions/github')]",
  ],
  ['main', 'export const proxy = () => process.env.HTTPS_PROXY'],
  ['index', "import { main } from './main.js'\nawait main()"],
]

const refused: [file: string, text: string, said: RegExp][] = [
  // The direction of the folders.
  ['oci/digest', "import '../registry/client.js'", /oci\/ may not import registry\//],
  ['config/inputs', "import '../registry/client.js'", /config\/ may not import registry\//],
  ['registry/client', "import '../survey/collect.js'", /registry\/ may not import survey\//],
  ['registry/client', "import '../config/settings.js'", /registry\/ may not import config\//],
  ['survey/collect', "import { overHttp } from '../registry/transport.js'", /gets the network passed in/],
  ['survey/collect', "import { decide } from '../plan/plan.js'", /survey\/ may not import plan\//],
  [
    'survey/collect',
    "import type { Settings } from '../config/settings.js'",
    /survey\/ may not import config\//,
  ],
  ['plan/graph', "import { Client } from '../registry/client.js'", /plan\/ may not import registry\//],
  ['plan/graph', "import type { Client } from '../registry/client.js'", /plan\/ may not import registry\//],
  ['plan/graph', "import { type Survey } from '../survey/facts.js'", /only types/],
  ['plan/graph', "import { empty } from '../survey/facts.js'", /only types/],
  ['plan/graph', "export * from '../survey/facts.js'", /only types/],
  ['plan/graph', "import type { Tags } from '../survey/tags.js'", /plan\/ may not import survey\//],
  ['purge/heal', "import type { Gone } from '../proof/gone.js'", /purge\/ may not import proof\//],
  ['proof/prove', "export { heal } from '../purge/heal.js'", /proof\/ may not import purge\//],
  ['proof/prove', "import '../report/log.js'", /proof\/ may not import report\//],
  ['report/log', "import '../main.js'", /may not import 'main' of the top level/],
  ['report/report', "import { read } from '../config/settings.js'", /only types/],
  ['report/report', "import type { Inputs } from '../config/inputs.js'", /report\/ may not import config\//],
  ['extra/thing', "import '../oci/digest.js'", /extra\/ has no place/],
  ['main', "import '../scripts/demo.js'", /leaves src\//],
  // The same by every other way to load a module.
  ['plan/graph', "export const a = () => import('../registry/client.js')", /may not import registry\//],
  ['plan/graph', "export type A = import('../registry/client.js').Client", /may not import registry\//],
  ['plan/graph', "import client = require('../registry/client.js')", /may not import registry\//],
  ['plan/graph', "export const a = require('../registry/client.js') as unknown", /may not import registry\//],
  ['main', 'export const a = (name: string) => import(name)', /plain string/],
  // Packages.
  ['registry/client', "import fetch from 'node-fetch'", /only registry\/transport may load 'node-fetch'/],
  ['registry/client', "import type { Response } from 'node-fetch'", /only registry\/transport may load/],
  ['report/text', "import * as core from '@actions/core'", /only report\/log, .* may load '@actions\/core'/],
  ['index', "import * as core from '@actions/core'", /may load '@actions\/core'/],
  ['report/report', "import { context } from '@actions/github'", /only main may load '@actions\/github'/],
  ['main', "import axios from 'axios'", /not a package/],
  ['main', "import yaml from 'yaml'", /not a package/],
  ['registry/transport', "import http from 'http'", /write 'node:http'/],
  // The environment.
  ['registry/transport', 'export const a = process.env.HTTPS_PROXY', /Only config\/ and main\.ts/],
  ['report/summary', 'export const { env } = process', /Only config\/ and main\.ts/],
  ['report/summary', "import { env } from 'node:process'", /only config\/ and main\.ts/],
  ['report/text', 'console.log(1)', /no-console/],
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
  ['export const a = process.env.CI', /Only config\/ and main\.ts/],
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
