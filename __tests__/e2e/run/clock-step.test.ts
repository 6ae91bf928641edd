import { expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deletesOf, startBalancer } from '../support/round-robin.js'
import { expectResult, folderFor, onRegistry, purge } from '../support/support.js'
import { startTokenScene } from '../support/tokens.js'

const HOUR = 3_600_000

/** Loaded before the bundle: sets the clock of the process as soon as a file exists. */
const stepper = (file: string, by: number): string => `
const { existsSync } = require('node:fs')
const Real = Date
let by = 0
const now = () => {
  if (by === 0 && existsSync(${JSON.stringify(file)})) by = ${by}
  return Real.now() + by
}
globalThis.Date = class extends Real {
  constructor(...parts) {
    if (parts.length === 0) super(now())
    else super(...parts)
  }
  static now() {
    return now()
  }
}
`

interface Report {
  startedAt: string
  endedAt: string
  repositories: {
    manifests: { deletedAt: string; goneSince: string; goneUntil: string }[]
    blobs: { deletedAt: string; goneSince: string; goneUntil: string }[]
  }[]
}

onRegistry('3.1.1', (start) => {
  test.each([
    ['back, while a registry is given time', -HOUR, 'pause'],
    ['on, while a registry is given time', HOUR, 'pause'],
    ['back, between two rounds of the proof', -HOUR, 'proof'],
    ['on, between two rounds of the proof', HOUR, 'proof'],
  ])('the clock is set an hour %s: the run takes its time, no more and no less', async (_, by, moment) => {
    const folder = await folderFor('clock')
    const file = join(folder, 'step')
    const script = join(folder, 'stepper.cjs')
    writeFileSync(script, stepper(file, by))
    const scene = await startTokenScene(start)
    const { leak } = scene.scene
    const step = (): void => void setTimeout(() => writeFileSync(file, ''), 300)
    let throttled = false
    let proving = false
    const balancer = await startBalancer([scene.registry], ({ method, path }) => {
      if (method === 'DELETE' && path.endsWith(`/${leak.tag}`) && !throttled) {
        throttled = true
        if (moment === 'pause') step()
        return { reply: 429, headers: { 'retry-after': '1' } }
      }
      if (method === 'GET' && path.endsWith(leak.secretLayer) && !proving) {
        proving = deletesOf(balancer.seen, [leak.secretLayer]).length > 0
        if (proving && moment === 'proof') step()
      }
      return undefined
    })
    const began = Date.now()
    const run = await purge(
      balancer,
      {
        image: scene.image,
        'verify-attempts': '3',
        'verify-interval': '1s',
        'verify-timeout': '30s',
        timeout: '2m',
      },
      { env: { NODE_OPTIONS: `--require ${script}` } },
    )
    expectResult(run, 'purged')
    expect(throttled && proving).toBe(true)
    // A pause of a second, and two between three rounds.
    expect(run.ms).toBeGreaterThan(3_000)
    expect(run.ms).toBeLessThan(60_000)
    expect(run.report.requests.token).toBe(2)

    const { startedAt, endedAt, repositories } = run.report as Report
    expect(Math.abs(Date.parse(startedAt) - began)).toBeLessThan(60_000)
    for (const each of repositories.flatMap(({ manifests, blobs }) => [...manifests, ...blobs])) {
      const times = [startedAt, each.deletedAt, each.goneSince, each.goneUntil, endedAt].map((time) =>
        Date.parse(time),
      )
      expect(times).toEqual([...times].sort((one, other) => one - other))
    }
    expect(Date.parse(endedAt) - Date.parse(startedAt)).toBeLessThan(run.ms + 1)
  })
})
