import fc from 'fast-check'
import { headerText, hostileBytes, hostileText, shortText } from './hostile-text.js'
import { address } from './places.js'
import type { Body, Delivery, Twist, Where } from './twist.js'

type How = Omit<Twist, 'where' | 'skip' | 'times' | 'forward'>

const STATUSES = [
  100, 101, 103, 199, 200, 201, 202, 203, 204, 205, 206, 207, 226, 299, 300, 301, 302, 303, 304, 305, 307,
  308, 399, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 412, 416, 418, 421, 425, 429, 431, 451,
  500, 501, 502, 503, 504, 511, 599, 600, 777, 999,
]
const status = fc.constantFrom(...STATUSES)
const failing = fc.constantFrom(400, 401, 403, 404, 404, 405, 409, 410, 412, 500, 501)

const code = fc.oneof(
  fc.constantFrom(
    'UNKNOWN',
    'DENIED',
    'UNAUTHORIZED',
    'UNSUPPORTED',
    'NAME_UNKNOWN',
    'MANIFEST_UNKNOWN',
    'BLOB_UNKNOWN',
  ),
  fc.constantFrom('DIGEST_INVALID', 'TOOMANYREQUESTS', 'A'.repeat(64), 'A'.repeat(65), '__PROTO__'),
  shortText,
)

/** What a request brought, sent back: whole, in other spellings, or so that it is cut where texts are. */
const echo = fc
  .tuple(fc.constantFrom('{password}', '{authorization}', 'bob:{password}'), fc.nat(205), fc.boolean())
  .map(([what, pad, close]) => `${'-'.repeat(pad)}${close ? '' : ' '}${what}`)

const message = fc.oneof({ weight: 4, arbitrary: hostileText }, { weight: 1, arbitrary: echo })

const errors = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ code, message, detail: message }).map((error) => ({ errors: [error] })),
  },
  {
    weight: 1,
    arbitrary: fc.array(fc.record({ code, message }), { maxLength: 5 }).map((all) => ({ errors: all })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ errors: null }, { errors: {} }, { errors: [null, 1, [], 'x', {}] }),
  },
)

const json = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, 0, -1, 1e21, 9007199254740993, 0.5, '', [], {}, [[]], [null]),
  fc.constantFrom(
    'sha256:',
    'sha256:zz',
    `sha256:${'A'.repeat(64)}`,
    `sha512:${'a'.repeat(128)}`,
    `md5:${'a'.repeat(32)}`,
  ),
  fc.constantFrom(
    'latest',
    '../../../etc/passwd',
    'v1%2f..',
    'a'.repeat(129),
    '-v',
    '.v',
    'application/vnd.oci.image.index.v1+json',
  ),
  fc.dictionary(shortText, shortText, { maxKeys: 3 }),
)

const names = fc.array(fc.oneof(fc.constantFrom('latest', 'debug-42', 'acme/other', 'v9'), shortText, json), {
  maxLength: 6,
})
const lists = names.map((all) => ({ name: all[0] ?? null, tags: all, repositories: all, manifests: all }))

const cacheHeaders = fc.constantFrom('age', 'via', 'x-cache', 'x-cache-status', 'cf-cache-status', 'warning')
/** So long that a secret lies across the place where such a value is cut. */
const padded = fc.tuple(fc.nat(64), echo).map(([pad, text]) => text.replace(/^-+/, '-'.repeat(pad)))
const headerValue = fc.oneof(
  { weight: 4, arbitrary: headerText },
  { weight: 1, arbitrary: echo },
  { weight: 1, arbitrary: padded },
)

const challenge = fc
  .tuple(
    fc.constantFrom('Bearer', 'bearer', 'Basic', 'Negotiate', ''),
    address('realm'),
    headerValue,
    headerValue,
  )
  .map(([scheme, realm, service, scope]) =>
    `${scheme} realm="${realm}",service="${service}",scope="${scope}",error="${scope}"`.replaceAll(
      '{password}',
      '{quoted}',
    ),
  )

const link = fc
  .tuple(
    // Pages are read from the registry only: that of another host is never asked for.
    fc.oneof(fc.constant('http://{canary}/page-link'), address('canary'), headerText),
    fc.constantFrom('rel="next"', 'rel=next', 'rel="x next y"', 'rel=last'),
  )
  .map(([target, rel]) => `<${target}>; ${rel}`)

const digest = fc.constantFrom(
  '',
  'sha256:0',
  `sha256:${'0'.repeat(64)}`,
  `sha512:${'0'.repeat(128)}`,
  `SHA256:${'0'.repeat(64)}`,
  `sha256:${'0'.repeat(64)}, sha256:${'1'.repeat(64)}`,
)
const retryAfter = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('0', '1', '-1', '0.5', 'Thu, 01 Jan 1970 00:00:00 GMT', 'soon') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('999999', '1e9', '99999999999999999999', 'Fri, 31 Dec 9999 23:59:59 GMT'),
  },
  { weight: 2, arbitrary: headerText },
)

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc.uint8Array({ maxLength: 3 }),
})

const changedBody: fc.Arbitrary<Body> = fc.oneof(
  { weight: 3, arbitrary: hostileBytes.map((bytes): Body => ({ is: 'bytes', bytes })) },
  { weight: 3, arbitrary: errors.map((all): Body => ({ is: 'json', json: all })) },
  { weight: 3, arbitrary: lists.map((all): Body => ({ is: 'json', json: all })) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(40), json).map(([at, value]): Body => ({ is: 'replaced', at, value })),
  },
  {
    weight: 3,
    arbitrary: fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits): Body => ({ is: 'edited', edits })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('[', '{"a":', '{"tags":[', '{"errors":['), fc.constantFrom(100, 10_000, 200_000))
      .map(([open, levels]): Body => ({ is: 'deep', open, levels })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(' ', '[', 'a', '\n', '<', '"\\u0000', '…', '\u001b[0m'),
        fc.constantFrom(70_000, 1 << 20, 9 << 20),
      )
      .map(([fill, size]): Body => ({ is: 'large', fill, size })),
  },
)

const delivery: fc.Arbitrary<Delivery> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom<Delivery>(
      'short',
      'over',
      'bad chunks',
      'good chunks',
      'end',
      'reset',
      'reset at once',
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Delivery>('noise', 'huge header', 'many headers', 'many interim', 'twice'),
  },
  { weight: 2, arbitrary: fc.constantFrom<Delivery>('hang', 'drip', 'endless') },
)

/** Usual headers of one answer, each with a value that it should not have. */
const oddHeaders = fc.array(
  fc.oneof(
    fc.tuple(
      fc.constantFrom('Content-Type', 'Docker-Content-Digest', 'Docker-Distribution-Api-Version'),
      headerValue,
    ),
    fc.tuple(
      fc.constantFrom('Allow', 'OCI-Subject', 'OCI-Filters-Applied', 'Server', 'ETag', 'Set-Cookie'),
      headerValue,
    ),
    fc.tuple(cacheHeaders, headerValue),
    fc.tuple(fc.constant('Docker-Content-Digest'), digest),
    fc.tuple(fc.constant('Link'), link),
    fc.tuple(fc.constant('Location'), address('canary')),
    fc.tuple(fc.constant('WWW-Authenticate'), challenge),
    fc.tuple(fc.constant('Retry-After'), retryAfter),
    fc.tuple(fc.constant('Content-Encoding'), fc.constantFrom('gzip', 'br', 'deflate', 'zstd', 'x')),
    fc.tuple(fc.constant('Connection'), fc.constantFrom('close', 'upgrade', 'keep-alive, x')),
    fc.tuple(fc.constantFrom('__proto__', 'constructor', 'X-Very-Odd'), headerValue),
  ),
  { minLength: 1, maxLength: 4 },
)

const how: fc.Arbitrary<How> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ status: failing, body: errors.map((all): Body => ({ is: 'json', json: all })) }),
  },
  { weight: 2, arbitrary: fc.record({ status, body: changedBody }) },
  { weight: 3, arbitrary: fc.record({ body: changedBody }) },
  { weight: 3, arbitrary: fc.record({ headers: oddHeaders }) },
  {
    weight: 2,
    arbitrary: fc.record({
      headers: oddHeaders,
      body: changedBody,
      without: fc.constant(['docker-content-digest']),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      status: fc.constantFrom(301, 302, 303, 307, 308, 300, 201),
      headers: address('canary').map((to): [string, string][] => [['Location', to]]),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      status: fc.constantFrom(401, 401, 401, 403, 407),
      headers: challenge.map((said): [string, string][] => [['WWW-Authenticate', said]]),
      body: errors.map((all): Body => ({ is: 'json', json: all })),
    }),
  },
  { weight: 2, arbitrary: link.map((to) => ({ headers: [['Link', to] as const] })) },
  {
    weight: 2,
    arbitrary: fc.record({
      status: fc.constantFrom(429, 503, 500),
      headers: retryAfter.map((after): [string, string][] => [['Retry-After', after]]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      status: fc.constant(200),
      headers: fc.array(fc.tuple(cacheHeaders, headerValue), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constant<How>({ headers: [['Content-Encoding', 'gzip']], body: { is: 'bomb' } }),
  },
  { weight: 4, arbitrary: fc.record({ delivery }) },
  { weight: 1, arbitrary: fc.record({ delivery, status, body: changedBody, headers: oddHeaders }) },
)

const where = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Where>('tag', 'manifest', 'blob', 'delete', 'read') },
  { weight: 1, arbitrary: fc.constantFrom<Where>('tags', 'referrers', 'catalog', 'any') },
)

// The first ones are those of the survey, the later ones those of the purge and of the proof.
const skip = fc.oneof(fc.constant(0), fc.nat(4), fc.nat(9), fc.nat(25))
const times = fc.constantFrom(1, 1, 2, 4, 1000)

/** Whatever comes to mind. */
const wild = fc
  .tuple(where, skip, times, fc.boolean(), how)
  .map(([where, skip, times, forward, how]): Twist => ({ where, skip, times, forward, ...how }))

/** A redirect and nothing else. */
export const detour: fc.Arbitrary<How> = fc
  .tuple(fc.constantFrom(301, 302, 303, 307, 308), address('canary'))
  .map(([status, to]) => ({ status, headers: [['Location', to]] }))

/** Lies that a run can take for the truth, since everything else about them is as it should be. */
const plausible = fc.oneof(
  // Deletions that do not take place, and those that do although it is denied. The first two are probes.
  fc
    .tuple(fc.integer({ min: 2, max: 7 }), times, fc.constantFrom(200, 202, 204))
    .map(([skip, times, status]): Twist => {
      return {
        where: 'delete',
        skip,
        times,
        forward: false,
        status,
        body: { is: 'bytes', bytes: Buffer.alloc(0) },
      }
    }),
  fc
    .tuple(fc.integer({ min: 2, max: 7 }), times, failing)
    .map(([skip, times, status]): Twist => ({ where: 'delete', skip, times, forward: true, status })),
  fc
    .tuple(fc.constantFrom<Where>('tags', 'tag', 'manifest', 'blob', 'read'), skip, times, detour)
    .map(([where, skip, times, how]): Twist => ({ where, skip, times, forward: true, ...how })),
  fc
    .tuple(fc.constantFrom<Where>('tags', 'catalog', 'referrers'), fc.nat(1), times, link)
    .map(([where, skip, times, to]): Twist => {
      return { where, skip, times, forward: true, headers: [['Link', to]] }
    }),
  // Something still answers, out of a cache that has its say.
  fc
    .tuple(fc.constantFrom<Where>('manifest', 'blob'), skip, cacheHeaders, padded)
    .map(([where, skip, name, text]): Twist => {
      return { where, skip, times: 1000, forward: true, status: 200, headers: [[name, text]] }
    }),
  // Content that is another one, with or without a header that says so.
  fc
    .tuple(fc.constantFrom<Where>('tag', 'manifest'), skip, times, changedBody, fc.boolean())
    .map(([where, skip, times, body, silent]): Twist => {
      return { where, skip, times, forward: true, body, without: silent ? ['docker-content-digest'] : [] }
    }),
  fc
    .tuple(fc.constantFrom<Where>('tags', 'tag', 'manifest', 'read'), skip, delivery)
    .map(([where, skip, delivery]): Twist => ({ where, skip, times: 1, forward: true, delivery })),
)

export const twist: fc.Arbitrary<Twist> = fc.oneof(wild, plausible)
