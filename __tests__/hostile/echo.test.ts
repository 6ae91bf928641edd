/** A registry that sends the password back, in every form, from everywhere, on the way through the whole client. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { ENCODERS } from '../registry/secrets/echo/forms.js'
import { runEngine, type EngineRun } from '../support/engine.js'
import { useRegistries } from '../support/registries.js'
import { referenceScene } from '../support/scene.js'

const registryWith = useRegistries()
const IMAGE = 'acme/search-indexer:debug-42'
const PASSWORD = `hunter2 & 'söhne'/"7"`
const compact = (text: string): string => text.replace(/\s+/g, '')

const run = (registry: Parameters<typeof runEngine>[0], password = PASSWORD): Promise<EngineRun> =>
  runEngine(registry, { image: IMAGE, username: 'bob', password, 'verify-timeout': '20s' })

/** What was echoed stands nowhere, however it was folded. */
function expectNowhere({ report, log, problems }: EngineRun, echoed: readonly string[]): void {
  const texts: string[] = []
  JSON.stringify([report, log, problems], (_, value: unknown) => {
    if (typeof value === 'string') texts.push(compact(value))
    return value
  })
  for (const each of echoed) expect(texts.filter((text) => text.includes(compact(each)))).toEqual([])
}

const bodies = (echoed: string): (string | object)[] => [
  `no access with ${echoed}, bob`,
  { errors: [{ code: 'DENIED', message: `no access with ${echoed}, bob` }] },
]

test.each(ENCODERS)('in the body that refuses a tag, %s', async (_, encode) => {
  const echoed = encode(PASSWORD)
  for (const body of bodies(echoed)) {
    const registry = await registryWith({
      users: { bob: PASSWORD },
      reads: { latest: { status: 403, body } },
    })
    referenceScene(registry.store)
    const { result, ...seen } = await run(registry)
    expect(result).toBe('refused')
    expect(seen.problems).toContain('403')
    expectNowhere({ result, ...seen }, [echoed, PASSWORD])
  }
})

test.each(ENCODERS)('in what deletions of blobs are answered with, %s', async (_, encode) => {
  const echoed = encode(PASSWORD)
  let turn = 0
  const registry = await registryWith({
    users: { bob: PASSWORD },
    onDelete: ({ kind }) =>
      kind === 'blob'
        ? { worked: false, answer: { status: 400, body: bodies(echoed)[turn++ % 2] ?? '' } }
        : undefined,
  })
  referenceScene(registry.store)
  const seen = await run(registry)
  expect(seen.result).toBe('incomplete')
  expect(turn).toBeGreaterThan(1)
  expect(JSON.stringify(seen.report)).toContain('400')
  expectNowhere(seen, [echoed, PASSWORD])
})

test('a password of three characters has no body told', async () => {
  const registry = await registryWith({
    users: { bob: 'p4s' },
    reads: { latest: { status: 403, body: { errors: [{ code: 'DENIED', message: 'told p 4 s' }] } } },
  })
  referenceScene(registry.store)
  const seen = await run(registry, 'p4s')
  expect(seen.problems).toContain('403 DENIED')
  expectNowhere(seen, ['told p'])
})

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A registry that answers to everything with this. */
async function serverThat(
  answer: (incoming: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  ends.push(() => new Promise((closed) => server.close(closed)))
  ends.push(() => server.closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const word = 'HunterTwo7Correct'
const AND = 'HunterTwo&Correct'
const asHost = (text: string): string => `${text}.invalid`

test.each<[string, Record<string, string>, number, string?]>([
  ['the host of a redirect', { location: `http://${asHost(word)}/x` }, 307],
  [
    'the path of a redirect',
    {
      location: `http://elsewhere.invalid/${encodeURIComponent(encodeURIComponent(AND))}`,
    },
    307,
    AND,
  ],
  ['a redirect to another protocol', { location: `${word}://x/y` }, 307],
  [
    'the host of a token service',
    { 'www-authenticate': `Bearer realm="https://${asHost(word)}/token",service="x"` },
    401,
  ],
  [
    'the path of a token service',
    { 'www-authenticate': `Bearer realm="https://elsewhere.invalid/${Buffer.from(word).toString('hex')}"` },
    401,
  ],
  ['a token service that is refused', { 'www-authenticate': `Bearer realm="ftp://${word}.example/"` }, 401],
  [
    'a token service with a user',
    { 'www-authenticate': `Bearer realm="http://bob:x@${word}.example/"` },
    401,
  ],
  ['a scheme', { 'www-authenticate': `${word} realm="x"` }, 401],
])('in %s, though it is in small letters there', async (_, headers, status, password = word) => {
  const url = await serverThat((incoming, response) => {
    response.writeHead(status, headers).end()
  })
  const seen = await run({ url, inFlight: () => 0 }, password)
  expect(seen.result).toBe('refused')
  const text = JSON.stringify([seen.report, seen.log, seen.problems]).toLowerCase()
  for (const each of ['huntertwo', Buffer.from(word).toString('hex')]) expect(text).not.toContain(each)
})

test('in the scope of a token that does not do', async () => {
  const url: string = await serverThat((incoming, response) => {
    if (incoming.url?.startsWith('/token') === true)
      response.end(JSON.stringify({ token: 'a.token.of.some.length.7' }))
    else
      response
        .writeHead(401, { 'www-authenticate': `Bearer realm="${url}/token",scope="repository:${word}:pull"` })
        .end()
  })
  const seen = await run({ url, inFlight: () => 0 }, word)
  expect(seen.problems).toContain('does not allow what the request needs')
  expectNowhere(seen, [word])
})
