import type { ActionResult } from '../../testbed/run/runner.js'
import type { MemoryStore } from '../support/memory-registry.js'
import { sha256 } from './answer.js'
import type { Scene } from './content.js'
import type { Lie } from './front.js'
import type { Scenario } from './scenario.js'

/** A run with all that is known about both sides of it. */
export interface Known {
  readonly scenario: Scenario
  readonly scene: Scene
  readonly store: MemoryStore
  /** The store before the run, as `snapshot` gives it. */
  readonly before: unknown
  readonly run: ActionResult
  readonly lies: readonly Lie[]
}

const REFUSED = ['refused', 'planned', 'nothing-to-do']

/** What was deleted that must not be, and what is called gone and is not. */
export function wrongWithStore(known: Known): string[] {
  return [...written(known), ...lost(known), ...notGone(known)]
}

function written({ run, store, before, lies }: Known): string[] {
  const { result = '' } = run.outputs
  if (lies.some(isRefusal)) return []
  return REFUSED.includes(result) && JSON.stringify(store.snapshot()) !== JSON.stringify(before)
    ? [`something was written, and the result is ${result}`]
    : []
}

/** Remaining tags, each to the last blob. Odd ones may be broken before, or hidden by a list that lies. */
function lost({ scene, store, lies }: Known): string[] {
  if (lies.some(isFooling)) return []
  return [...scene.needed].flatMap(([tag, { root, blobs }]) => {
    const missing = blobs.filter((digest) => !store.hasBlob(scene.repo, digest))
    const sound = store.resolve(scene.repo, tag) === root && store.hasManifest(scene.repo, root)
    return sound && missing.length === 0
      ? []
      : [`a remaining tag is broken: ${tag} lacks ${missing.join(', ')}`]
  })
}

function notGone({ scenario, scene, store, run, lies }: Known): string[] {
  if (run.outputs['result'] !== 'purged') return []
  const denied = new Set(
    lies.filter(isDenial).map(({ route }) => ('reference' in route ? route.reference : '')),
  )
  const served = (digest: string): boolean =>
    !denied.has(digest) && (store.hasManifest(scene.repo, digest) || store.hasBlob(scene.repo, digest))
  const claimed = (JSON.parse(run.outputs['digests'] ?? '[]') as string[]).filter(served)
  // A tag alone means whatever the registry says; with a digest beside it everything is known.
  const certain = scenario.pinned && !lies.some(isFooling) && scenario.inputs['scope'] !== 'tag'
  const leak = certain ? scene.gone.filter(served) : []
  const label = store.resolve(scene.repo, 'debug-42') !== undefined && !denied.has('debug-42')
  return [
    ...[...new Set([...claimed, ...leak])].map((digest) => `purged, but still served: ${digest}`),
    ...(label && !lies.some(isFooling) ? ['purged, but the tag still resolves'] : []),
  ]
}

/** "It is not there", for something that is: nobody can see through that. */
function isDenial({ method, truth, told }: Lie): boolean {
  return (
    method !== 'DELETE' && [404, 410].includes(told.status) && (truth === undefined || truth.status === 200)
  )
}

/** "That is not allowed", to a deletion that took place all the same. */
function isRefusal({ method, truth, told }: Lie): boolean {
  return method === 'DELETE' && truth?.status === 202 && told.status >= 400 && told.status < 500
}

/** A tag leads to other content, with nothing beside it that contradicts: nobody can see through that either. */
function isFooling({ method, route, truth, told, whole }: Lie): boolean {
  if (method !== 'GET' || route.kind !== 'manifest' || route.reference.includes(':')) return false
  if (!whole || told.status !== 200 || truth?.body.equals(told.body) === true) return false
  const stated = told.headers.filter(([name]) => name.toLowerCase() === 'docker-content-digest')
  return stated.every(([, digest]) => digest.trim() === '' || digest.trim() === sha256(told.body))
}
