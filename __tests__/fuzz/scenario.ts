import fc from 'fast-check'
import { odd } from './content.js'
import type { Twist } from './twist.js'
import { detour, twist } from './twists.js'

/** One run of the bundle against a hostile registry. */
export type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never

const inputs = fc
  .subarray(
    [
      ['scope', 'tag'],
      ['dry-run', 'true'],
      ['unreadable-tags', 'ignore'],
      ['search-repositories', 'acme/**'],
      ['search-repositories', 'acme/other'],
      ['on-exposure', 'fail'],
      ['shared-blobs', 'fail'],
    ] as const,
    { minLength: 1, maxLength: 2 },
  )
  .map((pairs): Readonly<Record<string, string>> => Object.fromEntries(pairs))

/** Most runs are usual ones, so that they come as far as to the proof. */
const rarely = <T>(rare: fc.Arbitrary<T>, usual: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: rare })

/** What token services and storages say, where a registry leads to one. */
const elsewhere = fc.array(
  fc.oneof(
    twist.map(({ where: _, ...rest }): Omit<Twist, 'where'> => rest),
    detour.map((how): Omit<Twist, 'where'> => ({ skip: 0, times: 1, forward: true, ...how })),
  ),
  { maxLength: 2 },
)

const token = fc.oneof(
  fc.constantFrom('eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl', 'x'.repeat(4000)),
  // A token is masked, so one that is a word of ours would blank what the run has to say.
  fc.constantFrom(
    'acme',
    'sha256',
    'refused',
    'purged',
    'STILL SERVED',
    'NOT PROVEN',
    'registry',
    'gone',
    'tag\na\ne',
  ),
  // Nor a digest, or a part of one, which the run has to name.
  fc.constantFrom('{digest}', '{hex}', '{part}', '{other}'),
  fc.constantFrom('', 'a b', 'ü', 'x'.repeat(17_000)),
  fc.string({ unit: 'binary', maxLength: 30 }),
)

export const scenario = fc.record({
  password: fc.constantFrom('zq9kx-7rvt0-m4wj2', 'zq9kx "7r&v%/t+0$m4w'),
  /** Whether the registry takes nothing but tokens. */
  bearer: fc.oneof(fc.constant(false), fc.boolean()),
  /** Whether the runner logs for debugging, which makes a line of every request. */
  debug: fc.boolean(),
  /** Whether the digest stands beside the tag, so that no lie about the tag can pass. */
  pinned: fc.boolean(),
  inputs: rarely(inputs, {}),
  oddities: rarely(fc.array(odd, { minLength: 1, maxLength: 2 }), []),
  namesOdd: fc.boolean(),
  twists: fc.array(twist, { minLength: 1, maxLength: 3 }),
  canary: elsewhere,
  realm: rarely(elsewhere, []),
  token: fc.record({
    token: fc.oneof(fc.constant('eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl'), token),
    access_token: token,
    refresh_token: token,
    expires_in: fc.constantFrom(60, 0, -1, 1e9, null),
  }),
})

export const scenarioOf = (seed: number): Scenario => fc.sample(scenario, { seed, numRuns: 1 })[0] as Scenario
