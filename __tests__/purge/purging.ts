import { afterEach } from '@jest/globals'
import type { Digest } from '../../src/oci/digest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import { NAMED } from '../../src/flow/ask/rules.js'
import { planRepository } from '../../src/plan/decide.js'
import type { Item } from '../../src/plan/item.js'
import type { Journal } from '../../src/plan/journal.js'
import type { Done, Intent } from '../../src/plan/outcome.js'
import type { Rules } from '../../src/plan/plan.js'
import type { PurgeProblem } from '../../src/plan/problems/purge.js'
import { RepositoryPurge } from '../../src/purge/repository-purge.js'
import { Client } from '../../src/registry/client.js'
import { unseen } from '../../src/registry/progress.js'
import { say } from '../../src/report/words/problem.js'
import { Capabilities } from '../../src/survey/capabilities.js'
import { FakeClock } from '../support/clock.js'
import type { MemoryOptions, MemoryRegistry } from '../support/memory-registry.js'
import { SeededRandom } from '../support/random.js'
import { Pace } from '../../src/registry/decorators/pace.js'
import { retrying } from '../../src/registry/decorators/retry.js'
import { transport } from '../../src/registry/transport/transport.js'
import { Surveyor } from '../../src/survey/surveyor.js'

export const REPO = 'acme/search-indexer' as Repository
const WIDTH = 4

/** One repository, surveyed and planned, whose purge has written nothing yet. */
export interface Purging {
  readonly purge: RepositoryPurge
  readonly clock: FakeClock
  /** What the journal was told, an entry a line: `about tag leak`. */
  readonly told: string[]
  /** Every intent, in order. */
  readonly intents: Intent[]
  /** What was recorded of an item last. */
  doneOf(name: string): Done | undefined
  /** Cancels the run; with `now` also what is in flight. */
  stop(now?: boolean): void
}

/** What is to be purged. */
export interface Asked {
  readonly tags?: readonly string[]
  readonly blobs?: readonly string[]
  readonly scope?: 'image' | 'tag'
}

const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

/** Surveys a repository of a registry in memory and plans its purge, over HTTP but by a clock of its own. */
export async function purging(registry: MemoryRegistry, asked: Asked): Promise<Purging> {
  const clock = new FakeClock({ busy: () => registry.inFlight() > 0 })
  const random = new SeededRandom(1)
  const [stop, kill] = [new AbortController(), new AbortController()]
  const origin = registry.url
  const { send, close } = transport({
    origin,
    authorities: [],
    verify: true,
    connections: WIDTH,
    proxy: {},
    userAgent: 'test',
  })
  closing.push(close)
  const pace = new Pace(clock, random)
  const client = new Client({
    origin,
    credentialsFrom: undefined,
    send: retrying(pace.decorate(send), clock, random),
    heldFor: () => pace.heldFor(origin),
    now: () => clock.now(),
    random,
    stop: stop.signal,
    kill: kill.signal,
  })
  const capabilities = new Capabilities(client, random)
  const { told, intents, journal } = journalOf()
  const tools = { client, capabilities, clock, random, width: WIDTH, progress: unseen, journal }
  const scope = asked.scope ?? 'image'
  const surveyor = new Surveyor(tools, REPO, { labels: scope === 'tag', protectedNames: [] })
  const target = {
    repository: REPO,
    tags: (asked.tags ?? []).map((tag) => ({ tag: tag as Tag })),
    digests: [],
    blobs: (asked.blobs ?? []) as Digest[],
  }
  const survey = await surveyor.survey(await surveyor.list(), target)
  const rules: Rules = {
    registry: origin,
    scope,
    sharedBlobs: 'keep',
    protectedTags: [],
    unreadableTags: 'refuse',
    dryRun: false,
    ...NAMED,
  }
  const plan = planRepository({ target, survey }, rules)
  if (plan.refusals.length > 0) throw new Error(`refused: ${JSON.stringify(plan.refusals)}`)
  const purge = new RepositoryPurge(plan, survey, plan.image, { ...tools, surveyor })
  return {
    purge,
    clock,
    told,
    intents,
    doneOf: (name) => purge.done.get(name as Item['name']),
    stop: (now = false) => {
      stop.abort()
      if (now) kill.abort()
    },
  }
}

function journalOf(): { told: string[]; intents: Intent[]; journal: Journal } {
  const told: string[] = []
  const intents: Intent[] = []
  const nameOf = ({ kind, name }: Item): string => `${kind} ${name}`
  const unexpected = (): never => {
    throw new Error('a purge tells nothing of the run or the proof')
  }
  const journal: Journal = {
    wrote: false,
    save: unexpected,
    sent: unexpected,
    expect: unexpected,
    beside: unexpected,
    close: unexpected,
    planned: unexpected,
    separable: unexpected,
    problem: unexpected,
    warn: unexpected,
    exposed: unexpected,
    ended: unexpected,
    left: unexpected,
    round: unexpected,
    remaining: unexpected,
    begin: (_, step) => void told.push(`begin ${step}`),
    intend: (_, more) => void intents.push(...more),
    about: (_, item) => void told.push(item === undefined ? 'about' : `about ${nameOf(item)}`),
    withdraw: () => void told.push('withdraw'),
    done: (_, { item, outcome }) => void told.push(`${outcome} ${nameOf(item)}`),
    release: () => void told.push('release'),
    note: (text) => void told.push(text),
    end: unexpected,
    stageEnded: (_, step, counts) => {
      const parts = [...counts].map(([outcome, number]) => `${number} ${outcome}`)
      told.push(`end ${step}: ${parts.join(', ')}`)
    },
  }
  return { told, intents, journal }
}

/** What a registry says with an error code. */
export const error = (status: number, code: string) => ({ status, body: { errors: [{ code }] } }) as const

/** Requests of one method whose path ends so. */
export function sent(registry: MemoryRegistry, method: string, ending: string): number {
  return registry.requests.filter((each) => each.method === method && each.path.endsWith(`/${ending}`)).length
}

/** Answers one reference of a DELETE so, without doing it. */
export const refuse =
  (reference: string, answer: ReturnType<typeof error>): NonNullable<MemoryOptions['onDelete']> =>
  (target) =>
    target.reference === reference ? { worked: false, answer } : undefined

/** The problems in words. */
export const sayAll = (problems: readonly PurgeProblem[]): string =>
  problems.map((each) => say(each).text).join('\n')
