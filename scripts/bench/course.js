import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeAuthority } from '../../testbed/serve/authority.js'
import { temporaryFolder } from '../../testbed/project.js'
import { obtainRegistry } from '../../testbed/obtain/registry-binary.js'
import { startRegistry } from '../../testbed/serve/registry-server.js'
import { action, curl, missing, plain, regctl, startUp } from './contenders.js'
import { makeScene, repository } from './scenes.js'
import { served } from './served.js'
import { count, smallest } from './smallest.js'
import { Storage } from './storage.js'

/**
 * @typedef {import('./contenders.js').Result & { registryCpu: number, stillServed: number, broken: number }} Measured
 * @typedef {{
 *   scene: import('./scenes.js').Scene,
 *   N: number,
 *   terms: Record<string, number>,
 *   start: import('./contenders.js').Result,
 *   runs: Map<string, Measured[]>,
 * }} SceneResult
 */

/** In a scene with more than this many hundred tags, regctl runs only once: it starts a process for each request. */
const slow = 2
const ticks = 100

/** @type {Record<string, import('./contenders.js').Contender>} */
const contenders = {
  action,
  'node-fetch': plain('node-fetch'),
  'node:https': plain('node:https'),
  curl,
  regctl,
}

/**
 * Runs all contenders in turns.
 * @param {string} name of the scene
 * @param {string} version of the registry
 * @param {number} runs
 * @param {string[]} without contenders to leave out
 * @returns {Promise<SceneResult>}
 */
export async function benchScene(name, version, runs, without) {
  const binary = await obtainRegistry(/** @type {any} */ (version), console.error)
  if ('missing' in binary) throw new Error(binary.missing)
  const folder = await temporaryFolder('bench')
  try {
    const tls = await makeAuthority(join(folder, 'tls'))
    const template = join(folder, 'template')
    const scene = makeScene(name, new Storage(template, repository))
    const { phases, gone } = smallest(scene, !version.startsWith('2.'))
    const start = median([
      await startUp(join(folder, 'a')),
      await startUp(join(folder, 'b')),
      await startUp(join(folder, 'c')),
    ])
    /** @type {Map<string, Measured[]>} */
    const all = new Map()
    const names = []
    for (const each of Object.keys(contenders).filter((name) => !without.includes(name))) {
      const why = await missing(each)
      if (why === undefined) names.push(each)
      else console.error(`${each} is left out: ${why}`)
    }
    for (let run = 0; run < runs; run++) {
      const turned = [...names.slice(run % names.length), ...names.slice(0, run % names.length)]
      for (const each of turned) {
        if (run > 0 && each === 'regctl' && scene.tags.size > slow * 100) continue
        const own = join(folder, `${run}-${each.replace(':', '-')}`)
        mkdirSync(own)
        cpSync(template, join(own, 'data'), { recursive: true })
        const registry = await startRegistry({ binary, folder: own, tls, basic: true })
        const before = cpuOf(registry.pid)
        const result = await contenders[each]?.({ registry, caPath: tls.caPath, scene, phases, folder: own })
        const registryCpu = cpuOf(registry.pid) - before
        await registry.stop()
        if (result === undefined) continue
        const measured = { ...result, registryCpu, ...served(join(own, 'data'), scene, gone) }
        all.set(each, [...(all.get(each) ?? []), measured])
        console.error(
          `${version} ${name} run ${run + 1} ${each}: ${result.seconds.toFixed(2)} s, registry ${registryCpu.toFixed(2)} s of CPU`,
        )
        rmSync(own, { recursive: true, force: true })
      }
    }
    const terms = Object.entries(Object.groupBy(phases, ({ term }) => term)).map(([term, list = []]) => [
      term,
      list.reduce((sum, { exchanges }) => sum + exchanges.length, 0),
    ])
    return { scene, N: count({ phases, gone }), terms: Object.fromEntries(terms), start, runs: all }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {import('./contenders.js').Result[]} results */
const median = (results) => /** @type {any} */ (results.sort((one, other) => one.seconds - other.seconds)[1])

/** Seconds of CPU time that a process has used so far. @param {number} pid */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / ticks
}
