import type { Digest } from '../oci/digest.js'
import type { Endpoint, Item } from '../plan/item.js'
import type { Absence } from '../registry/absence.js'
import { counted } from '../registry/progress.js'
import { shuffled } from '../registry/time.js'
import type { Asking } from './asking.js'
import { askControl, type Control } from './control.js'
import { compare, see, worse, type Seen } from './finding.js'
import type { Finding } from '../plan/standing.js'
import { neverDigest, neverTag } from './never.js'

/** What one round came to. */
export interface Round {
  readonly findings: ReadonlyMap<Item['name'], Finding>
  /** For each item how many responses it got, and how many of them still served it. */
  readonly answers: ReadonlyMap<Item['name'], { readonly all: number; readonly present: number }>
  /** Why the controls do not vouch for the 404s of this round; undefined if they do. */
  readonly controlFailed?: string
  /** How the registry says on `/blobs/` that something is not there which never existed. */
  readonly never?: Absence
  /** For each request that was answered only after failures what these were: a replica that fails was not asked. */
  readonly lost: readonly (readonly string[])[]
  /** Controls that are not there, so they were broken before, or the registry answers for nothing any more. */
  readonly controlsAbsent: readonly Digest[]
}

/**
 * Asks for each item, as a stranger would: a connection of its own for every request, in random order, with two controls
 * among them: something that must be there, and on each endpoint a digest that never existed. A manifest is asked for on
 * both endpoints. What proves nothing either way (429, 5xx, a reset) is asked again a few times, each time on another
 * connection: without that a registry that loses some responses could not be proven clean at all.
 *
 * @param controls candidates for what must be there, the preferred one first
 * @throws Stopped
 */
export async function askRound(
  asking: Asking,
  items: readonly Item[],
  controls: readonly Control[],
): Promise<Round> {
  const looks: (() => Promise<void>)[] = []
  const all: { readonly item: Item; readonly endpoint: Endpoint; readonly seen: Seen }[] = []
  const never = new Map<Endpoint, Absence | string>()
  let controlFailed: string | undefined
  const controlsAbsent: Digest[] = []
  const lost: (readonly string[])[] = []
  const used = new Set<Endpoint>()
  for (const item of items)
    for (const endpoint of endpointsOf(item)) {
      used.add(endpoint)
      looks.push(async () => void all.push({ item, endpoint, seen: await see(asking, item, endpoint, lost) }))
    }
  for (const endpoint of used)
    looks.push(async () => void never.set(endpoint, await neverDigest(asking, endpoint)))
  looks.push(async () => {
    controlFailed = await askControl(asking, controls, controlsAbsent)
  })
  await counted(asking.progress, 'looks made', shuffled(looks, asking.random), asking.width, (run) => run())

  const findings = new Map<Item['name'], Finding>()
  const answers = new Map<Item['name'], { all: number; present: number }>()
  const comparison = new Comparison(asking, never)
  for (const { item, endpoint, seen } of all) {
    const finding = await comparison.judge(item, endpoint, seen)
    findings.set(item.name, worse(findings.get(item.name), finding))
    const counts = answers.get(item.name) ?? { all: 0, present: 0 }
    if (finding.is !== 'inconclusive') counts.all++
    if (finding.is === 'present') counts.present++
    answers.set(item.name, counts)
  }
  controlFailed ??= comparison.failed
  const onBlobs = never.get('blobs')
  return {
    ...(typeof onBlobs === 'object' && { never: onBlobs }),
    findings,
    answers,
    lost,
    controlsAbsent,
    ...(controlFailed !== undefined && { controlFailed }),
  }
}

function endpointsOf({ kind }: Item): Endpoint[] {
  return kind === 'blob' ? ['blobs'] : kind === 'tag' ? ['manifests'] : ['manifests', 'blobs']
}

/** Compares what is absent with what never existed. */
class Comparison {
  readonly #asking: Asking
  readonly #never: ReadonlyMap<Endpoint, Absence | string>
  #tag: Promise<Absence | string> | undefined
  /** Why nothing can be compared; undefined as long as it can. */
  failed: string | undefined

  constructor(asking: Asking, never: ReadonlyMap<Endpoint, Absence | string>) {
    this.#asking = asking
    this.#never = never
    for (const each of never.values()) if (typeof each === 'string') this.failed ??= each
  }

  /** @throws Stopped */
  async judge(item: Item, endpoint: Endpoint, seen: Seen): Promise<Finding> {
    const never = this.#never.get(endpoint)
    if (seen.is !== 'absent') return seen
    // The reason stands in `failed`: no 404 of this round counts.
    if (never === undefined || typeof never === 'string') return { is: 'gone' }
    const finding = compare(seen, never)
    if (item.kind !== 'tag' || finding.is === 'gone') return finding
    const tag = await (this.#tag ??= neverTag(this.#asking))
    return typeof tag === 'string' ? finding : compare(seen, tag)
  }
}
