import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../../testbed/project.js'
import { runAction } from '../../testbed/run/runner.js'

/**
 * Plans the cleanup of a repository with very many tags. It is a dry run, since planning needs the most memory.
 * @param {number} tags
 * @returns {Promise<{ tags: number, result: string, planned: number, requests: number, seconds: number, mib: number }>}
 */
export async function planMany(tags) {
  const folder = await temporaryFolder('many')
  const server = spawn(
    process.execPath,
    [fileURLToPath(new URL('many-server.js', import.meta.url)), String(tags)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const port = await new Promise((resolve, reject) => {
      server.on('error', reject).on('exit', () => reject(new Error('the server ended')))
      server.stdout.setEncoding('utf8').on('data', (text) => resolve(Number(text)))
    })
    const meter = join(folder, 'meter.json')
    const run = await runAction({
      inputs: {
        registry: `http://127.0.0.1:${port}`,
        repositories: 'acme/app',
        tags: 'debug-*',
        'older-than': '14d',
        'max-deletions': '1000',
        'dry-run': 'true',
      },
      env: { METER: meter, NODE_OPTIONS: `--import=${new URL('meter.js', import.meta.url)}` },
      folder: join(folder, 'run'),
      timeoutMs: 20 * 60_000,
    })
    const { mib } = JSON.parse(readFileSync(meter, 'utf8'))
    const counts = /** @type {number[]} */ (Object.values(run.report?.requests ?? {}))
    return {
      tags,
      result: run.outputs['result'] ?? run.log.slice(-2000),
      planned: run.report?.repositories[0]?.tags.filter(
        (/** @type {any} */ each) => each.outcome === 'planned',
      ).length,
      requests: counts.reduce((sum, each) => sum + each, 0),
      seconds: run.ms / 1000,
      mib: Math.round(mib),
    }
  } finally {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Returns the result of `planMany` as text. @param {number} tags */
export async function benchTags(tags) {
  const { result, planned, requests, seconds, mib } = await planMany(tags)
  return `${tags} tags: ${result}, ${planned} to delete; ${requests} requests in ${seconds.toFixed(1)} s (${Math.round(requests / seconds)} a second), at most ${mib} MiB`
}
