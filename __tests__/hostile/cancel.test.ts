/** The bundle, a registry that falls silent at request k, and SIGINT a moment later. */
import { expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { node24 } from '../../testbed/obtain/node24.js'
import { startMemoryRegistry } from '../support/memory-registry.js'
import { referenceScene } from '../support/scene.js'

const REPO = 'acme/search-indexer'

test('cancelled within 7 s wherever the registry falls silent', async () => {
  const node = await node24()
  const wrong: string[] = []
  const one = async (k: number): Promise<number> => {
    const registry = await startMemoryRegistry()
    const scene = referenceScene(registry.store)
    const before = JSON.stringify(registry.store.snapshot())
    const folder = mkdtempSync(join(tmpdir(), 'registry-purge-'))
    for (const name of ['out', 'sum']) writeFileSync(join(folder, name), '')
    let at = -1
    let sent = 0
    const child = spawn(node, ['dist/index.js'], {
      env: {
        PATH: process.env['PATH'],
        RUNNER_TEMP: folder,
        GITHUB_OUTPUT: join(folder, 'out'),
        GITHUB_STEP_SUMMARY: join(folder, 'sum'),
        INPUT_REGISTRY: registry.url,
        INPUT_IMAGE: `${REPO}:debug-42`,
        'INPUT_VERIFY-ATTEMPTS': '2',
        'INPUT_VERIFY-INTERVAL': '0s',
        'INPUT_REPORT-FILE': join(folder, 'report.json'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let log = ''
    child.stdout.on('data', (d) => (log += String(d)))
    child.stderr.on('data', (d) => (log += String(d)))
    let hung = ''
    registry.options.intercept = ({ method, path }) => {
      at++
      if (at < k) return undefined
      if (at === k) {
        hung = `${method} ${path.slice(-30)}`
        setTimeout(() => {
          sent = Date.now()
          child.kill('SIGINT')
          setTimeout(() => child.kill('SIGKILL'), 10_000).unref()
        }, 300)
      }
      return 'hang'
    }
    const code = await new Promise<number | null>((done) => child.on('exit', (c) => done(c)))
    const ms = sent === 0 ? 0 : Date.now() - sent
    if (sent > 0) {
      let result = 'no report'
      try {
        result = (JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as { result: string }).result
      } catch {
        /* none */
      }
      const deleted = registry.requests.filter((r) => r.method === 'DELETE' && r.status === 202).length
      if (code !== 1 || ms > 7000 || result !== 'cancelled' || /defect|Error:.* at |at .*dist/.test(log))
        wrong.push(`#${k} ${hung}: code ${code}, ${ms} ms, ${result}, ${log.slice(-300)}`)
      if (deleted === 0 && JSON.stringify(registry.store.snapshot()) !== before) wrong.push(`#${k} wrote`)
      if (!readFileSync(join(folder, 'out'), 'utf8').includes('cancelled')) wrong.push(`#${k} no output`)
    }
    await registry.stop()
    rmSync(folder, { recursive: true, force: true })
    expect(scene).toBeDefined()
    return sent === 0 ? -1 : at
  }
  for (const k of [1, 2, 3]) await one(k)
  expect(wrong).toEqual([])
}, 600_000)
