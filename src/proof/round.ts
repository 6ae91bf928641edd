import type { Digest } from '../oci/digest.js'
import type { ControlFlaw } from '../plan/flaw.js'
import type { Endpoint, Item } from '../plan/item.js'
import type { Finding } from '../plan/standing.js'
import type { Absence } from '../registry/absence.js'
import { counted } from '../registry/progress.js'
import { shuffled } from '../registry/time.js'
import type { Tools } from '../survey/tools.js'
import type { CheckOptions } from './check-options.js'
import { checkControl, type Control, type Controlled } from './control.js'
import { check, compare, worse, type Check } from './finding.js'
import { neverDigest, neverTag, type Never } from './never.js'

/** The findings of one round. */
export interface Round {
  readonly findings: ReadonlyMap<Item['name'], Finding>
  /** For each item, the number of responses, and how many of them still served it. */
  readonly responses: ReadonlyMap<Item['name'], { readonly all: number; readonly present: number }>
  /** Why the controls do not confirm the 404s of this round; undefined if they do. */
  readonly controlFlaw?: ControlFlaw
  /** The response on `/blobs/` for a digest that never existed. */
  readonly never?: Absence
  /** The failures of each check that got a response only after failures: a replica that fails was not checked. */
  readonly lost: readonly (readonly string[])[]
  /** Controls that do not exist: they were missing before the run, or the registry no longer serves anything. */
  readonly controlsAbsent: readonly Digest[]
}

/**
 * Checks each item as an independent client would: every request uses its own connection, and the order is random. Two
 * kinds of controls are among the requests: content that must exist, and on each endpoint a digest that never existed. A
 * manifest is checked on both endpoints. A request whose response proves nothing (429, 5xx, a reset) is retried a few
 * times, each time on another connection. Otherwise no proof would be possible for a registry that loses some responses.
 *
 * @param controls candidates for the content that must exist, the preferred one first
 * @throws Stopped
 */
export async function checkRound(
  tools: Tools,
  options: CheckOptions,
  items: readonly Item[],
  controls: readonly Control[],
): Promise<Round> {
  const requests: (() => Promise<void>)[] = []
  const checks: Check[] = []
  const never = new Map<Endpoint, Never>()
  let controlled: Controlled = { absent: [] }
  const used = new Set<Endpoint>()
  for (const item of items)
    for (const endpoint of endpointsOf(item)) {
      used.add(endpoint)
      requests.push(async () => void checks.push(await check(tools, options, item, endpoint)))
    }
  for (const endpoint of used)
    requests.push(async () => void never.set(endpoint, await neverDigest(tools, options, endpoint)))
  requests.push(async () => {
    controlled = await checkControl(tools, options, controls)
  })
  await counted(tools.progress, 'checks made', shuffled(requests, tools.random), tools.width, (send) =>
    send(),
  )

  const comparison = new Comparison(tools, options, never)
  const { findings, responses } = await findingsOf(checks, comparison)
  const flaw = controlled.flaw ?? comparison.flaw
  const onBlobs = never.get('blobs')
  return {
    ...(onBlobs?.is === 'absent' && { never: onBlobs.how }),
    findings,
    responses,
    lost: checks.flatMap(({ lost }) => (lost === undefined ? [] : [lost])),
    controlsAbsent: controlled.absent,
    ...(flaw !== undefined && { controlFlaw: flaw }),
  }
}

function endpointsOf({ kind }: Item): Endpoint[] {
  return kind === 'blob' ? ['blobs'] : kind === 'tag' ? ['manifests'] : ['manifests', 'blobs']
}

/** @throws Stopped */
async function findingsOf(
  checks: readonly Check[],
  comparison: Comparison,
): Promise<Pick<Round, 'findings' | 'responses'>> {
  const findings = new Map<Item['name'], Finding>()
  const responses = new Map<Item['name'], { all: number; present: number }>()
  for (const each of checks) {
    const { name } = each.item
    const finding = await comparison.judge(each)
    findings.set(name, worse(findings.get(name), finding))
    const counts = responses.get(name) ?? { all: 0, present: 0 }
    if (finding.is !== 'inconclusive') counts.all++
    if (finding.is === 'present') counts.present++
    responses.set(name, counts)
  }
  return { findings, responses }
}

/** Compares the 404s of items with those for digests and tags that never existed. */
class Comparison {
  readonly #tools: Tools
  readonly #options: CheckOptions
  readonly #never: ReadonlyMap<Endpoint, Never>
  #tag: Promise<Never> | undefined
  /** Why the 404s cannot be compared; undefined if they can. */
  readonly flaw: ControlFlaw | undefined

  constructor(tools: Tools, options: CheckOptions, never: ReadonlyMap<Endpoint, Never>) {
    this.#tools = tools
    this.#options = options
    this.#never = never
    for (const each of never.values()) if (each.is === 'unclear') this.flaw ??= each.flaw
  }

  /** @throws Stopped */
  async judge({ item, endpoint, seen }: Check): Promise<Finding> {
    if (seen.is !== 'absent') return seen
    const never = this.#never.get(endpoint)
    // This 404 does not count: `flaw` invalidates the whole round.
    if (never?.is !== 'absent') return { is: 'gone' }
    const finding = compare(seen, never.how)
    if (item.kind !== 'tag' || finding.is === 'gone') return finding
    const tag = await (this.#tag ??= neverTag(this.#tools, this.#options))
    return tag.is === 'absent' ? compare(seen, tag.how) : finding
  }
}
