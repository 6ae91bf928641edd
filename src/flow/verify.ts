import type { Digest } from '../oci/digest.js'
import type { Tag } from '../oci/tag.js'
import { controlsFor } from '../proof/controls.js'
import { intact, type Intact } from '../proof/intact.js'
import { askRound, type Round } from '../proof/round.js'
import { Standings, type Standing } from '../proof/standing.js'
import type { Execution } from '../purge/outcome.js'
import { BURSTS, heal } from '../purge/heal.js'
import type { Work } from '../purge/work.js'
import { Stopped, WireError } from '../registry/errors.js'
import type { Clock, Random } from '../registry/time.js'
import type { Narrator } from '../report/narrate.js'
import type { Record } from '../report/record.js'
import { count } from '../report/text.js'
import { ListError } from '../survey/tags.js'
import { Watch } from './watch.js'

/** How thoroughly to verify. Times in milliseconds. */
export interface Thoroughness {
  readonly attempts: number
  readonly interval: number
  readonly timeout: number
}

/** What the verification of one repository came to. */
export interface Verification {
  /** Everything that was to go is proven gone, and everything that was to stay is whole. */
  readonly proven: boolean
  readonly standings: readonly Standing[]
  readonly intact: Intact
  /** Planned to go, but tags came to need it. */
  readonly left: ReadonlyMap<Digest, readonly Tag[]>
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** What verification tells, and to whom. */
export interface Telling {
  readonly clock: Clock
  readonly random: Random
  readonly narrator: Narrator
  readonly record: Record
}

const LONGEST_LOOK = 30_000
const SHORTEST_LOOK = 1_000
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 5_000
/** Inconclusive looks that are forgiven where a proof stands already. */
const HICCUPS = 4

/**
 * Proves a purge, or finds out that it cannot be proven: rounds of looks until enough are clean in a row, deleting
 * again what is still served, until the time is up; then a look at everything that was to stay.
 *
 * @throws Stopped
 */
export async function verify(
  work: Work,
  execution: Execution,
  { attempts, interval, timeout }: Thoroughness,
  telling: Telling,
): Promise<Verification> {
  const { clock, random, narrator, record } = telling
  const { repository } = work.plan
  const watch = new Watch(work, execution)
  const standings = new Standings(watch.all, attempts)
  const deadline = clock.now() + timeout
  const absent = new Set<Digest>()
  let bursts = 0
  const lost: (readonly string[])[] = []
  let dirty = 0
  if (work.tools.client.stop.aborted) throw new Stopped()
  narrator.begin(repository, 'Verify')
  for (let number = 0; watch.items.length > 0; number++) {
    if (work.tools.client.stop.aborted) throw new Stopped()
    const left = deadline - clock.now()
    const asking = {
      client: work.tools.client,
      repository,
      random,
      width: work.tools.width,
      timeout: Math.min(LONGEST_LOOK, Math.max(SHORTEST_LOOK, left)),
      until: deadline,
      progress: work.tools.progress,
    }
    const round = await askRound(
      asking,
      watch.items,
      controlsFor(work.plan, work.facts, absent)(number, standings.clean),
    )
    for (const digest of round.controlsAbsent) absent.add(digest)
    lost.push(...round.lost)
    const clean = standings.take(round, clock.now())
    record.standings(repository, standings.all)
    narrator.note(`round ${number + 1}: ${tell(round)}; ${standings.clean} of ${attempts} clean in a row`)
    if (standings.proven) break
    const present = watch.stillThere(round)
    if (present.length > 0 && bursts < BURSTS && clock.now() < deadline) {
      const healing = await heal(work, present, bursts)
      // What the registry put off until later was no burst.
      if (!healing.putOff) bursts++
      watch.take(healing, narrator)
    }
    if (clock.now() >= deadline) break
    dirty = clean ? 0 : dirty + 1
    const pause = clean
      ? interval
      : Math.max(interval, Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (dirty - 1)))
    await clock.sleep(Math.min(pause, Math.max(0, deadline - clock.now())), work.tools.client.stop)
  }
  const stay = await lookAtWhatStays(work, watch, standings)
  record.standings(repository, standings.all)
  const gone = standings.all.filter(({ verdict }) => verdict === 'gone').length
  const sound = stay.remaining.filter(({ verdict }) => verdict === 'intact').length
  const proven = standings.proven && watch.complete && stay.problems.length === 0
  narrator.end(
    repository,
    'Verify',
    `${gone} of ${count(standings.all.length, 'item')} proven gone in ${count(attempts, 'round')} in a row, ${sound} of ${count(stay.remaining.length, 'remaining tag')} intact${proven ? '' : ': NOT PROVEN'}`,
  )
  const problems = [...watch.problems, ...(standings.proven ? [] : open(standings, work)), ...stay.problems]
  if (proven) work.settleLabels()
  // What a DELETE was answered with does not matter once the proof is complete, least of all that of a tag that is gone.
  const said = proven
    ? execution.problems.filter(
        (each) => !work.plan.tags.some(({ tag }) => each.includes(`${repository}:${tag} `)),
      )
    : execution.problems
  return {
    proven,
    standings: standings.all,
    intact: stay,
    left: watch.left,
    problems: proven ? [] : [...problems, ...said],
    warnings: [...(proven ? said : []), ...unheard(lost), ...stay.warnings],
  }
}

/**
 * Asks once more for what was proven a while ago, since another repository was purged in between: a shared cache of the
 * registry can bring content back when its digest is touched elsewhere.
 *
 * @returns what is not gone any more, in sentences
 * @throws Stopped
 */
export async function stillGone(
  work: Work,
  standings: readonly Standing[],
  telling: Telling,
): Promise<string[]> {
  const { client, width, progress } = work.tools
  const { repository } = work.plan
  const asking = { client, repository, random: telling.random, width, timeout: LONGEST_LOOK, progress }
  const items = standings.map(({ item }) => item)
  const absent = new Set<Digest>()
  const all = new Standings(items, 1)
  for (let number = 0; ; number++) {
    const round = await askRound(asking, items, controlsFor(work.plan, work.facts, absent)(number, 0))
    for (const digest of round.controlsAbsent) absent.add(digest)
    telling.narrator.note(`${repository} once more: ${tell(round)}`)
    if (all.take(round, telling.clock.now())) return []
    const answers = all.all.some(({ verdict }) => verdict === 'present')
    if (answers || number === HICCUPS) break
    await telling.clock.sleep(FIRST_PAUSE * 4 ** number, client.stop)
  }
  telling.record.standings(repository, all.all)
  return open(all, work)
}

/**
 * Looks once more at everything that was to stay, since another repository was purged in between: some registries have
 * one store for all of them.
 *
 * @throws Stopped
 */
export async function stillIntact(work: Work): Promise<Intact> {
  return endLook(async () => {
    await work.lookAgain('end')
    return intact(work.tools.client, work.plan, work.facts, work, work.tools)
  })
}

/** A proof by what answers is silent about what does not. */
function unheard(lost: readonly (readonly string[])[]): string[] {
  if (lost.length === 0) return []
  const kinds = [...new Set(lost.flat())].sort().join(', ')
  return [
    `${count(lost.length, 'look')} of the proof ${lost.length === 1 ? 'was' : 'were'} answered only after failures (${kinds}). If one of several replicas fails, it was not checked: run again with the lines of the step Plan when it is back`,
  ]
}

function tell({ findings, controlFailed, lost }: Round): string {
  const all = [...findings]
  const open = all.filter(([, finding]) => finding.is !== 'gone')
  const control = controlFailed === undefined ? 'the control answers' : controlFailed
  const after = lost.length === 0 ? '' : ` (${count(lost.length, 'look')} only after failures)`
  if (open.length === 0) return `all ${all.length} gone, ${control}${after}`
  const shown = open.slice(0, 5).map(([name, finding]) => {
    if (finding.is === 'gone') return name
    return finding.is === 'present'
      ? `${name} STILL ANSWERS (${finding.detail})`
      : `${name} inconclusive (${finding.detail})`
  })
  const more = open.length > shown.length ? ` and ${open.length - shown.length} more` : ''
  return `${all.length - open.length} of ${all.length} gone, ${shown.join(', ')}${more}; ${control}${after}`
}

function open(standings: Standings, work: Work): string[] {
  const { repository } = work.plan
  return standings.all
    .filter(({ verdict }) => verdict === 'present' || verdict === 'inconclusive')
    .filter(({ item }) => {
      // A tag that was not removed in the first place still answers, of course; why, is told where it was tried.
      const outcome = item.kind === 'tag' ? work.done.get(item.name)?.outcome : undefined
      return outcome !== 'failed' && outcome !== 'kept'
    })
    .map(({ item, verdict, finding }) => {
      const name = item.kind === 'tag' ? `${repository}:${item.name}` : `${repository}@${item.name}`
      const detail =
        finding === undefined || finding.is === 'gone'
          ? 'the control did not answer, or the time was up'
          : finding.detail
      return verdict === 'present'
        ? `${name} STILL ANSWERS: ${detail}. Restart the registry's replicas or flush its cache, purge caches in front of it, and run again with the lines of the step Plan`
        : `${name} is not proven gone: ${detail}. Run again with the lines of the step Plan, with a longer \`verify-timeout\` if the time was up`
    })
}

/** The end look: every remaining tag to its last blob, and whether a tag brought back what was gone. */
function lookAtWhatStays(work: Work, watch: Watch, standings: Standings): Promise<Intact> {
  return endLook(async () => {
    const seen = await work.lookAgain('end')
    for (const name of watch.takeLast(seen, work.facts)) standings.revoke(name)
    return intact(work.tools.client, work.plan, work.facts, work, work.tools)
  })
}

/** A look that fails is no proof. @throws Stopped */
async function endLook(look: () => Promise<Intact>): Promise<Intact> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof WireError && error.failure === 'cancelled') throw new Stopped()
    if (!(error instanceof WireError || error instanceof ListError)) throw error
    return {
      remaining: [],
      warnings: [],
      problems: [`what was to stay could not be looked at: ${error.message}`],
    }
  }
}
