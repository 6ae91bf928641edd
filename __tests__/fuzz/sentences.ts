import { unseen } from '../../src/registry/progress.js'
import type { Digest } from '../../src/oci/digest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import { checkRound } from '../../src/proof/round.js'
import { authorizing } from '../../src/registry/auth/authorize.js'
import { Tokens } from '../../src/registry/auth/tokens.js'
import { Client } from '../../src/registry/client.js'
import { describe, WireError } from '../../src/registry/errors.js'
import { following } from '../../src/registry/decorators/redirect.js'
import type { Request, Response, Send } from '../../src/registry/send.js'
import { say } from '../../src/report/words/problem.js'
import { sayFlaw } from '../../src/report/words/flaw.js'
import { sayUnreadManifest, sayUnreadReferrers } from '../../src/report/words/unread.js'
import { Capabilities } from '../../src/survey/capabilities.js'
import { CatalogError, ListError, problemOf } from '../../src/survey/errors.js'
import { listRepositories } from '../../src/survey/lists/catalog.js'
import { Reader } from '../../src/survey/read/reader.js'
import { listReferrers } from '../../src/survey/lists/referrers.js'
import { listTags } from '../../src/survey/lists/tags.js'
import { request, response } from '../registry/wire.js'
import { FakeClock } from '../support/clock.js'
import { SeededRandom } from '../support/random.js'

/** One text of the wire, in the forms in which it can arrive. */
export interface Wire {
  readonly text: string
  /** As a body, which need not be UTF-8. */
  readonly bytes: Buffer
  /** As the value of a header. */
  readonly header: string
}

/** What the action makes of a wire text: sentences, and words that are kept as they came. */
export interface Said {
  readonly sentences: string[]
  readonly mediaTypes: string[]
}

const ORIGIN = 'https://registry.example.com'
const REPO = 'acme/app' as Repository
const TAG = 'latest' as Tag
const DIGEST = `sha256:${'a'.repeat(64)}` as Digest
const URL_ASKED = `${ORIGIN}/v2/${REPO}/manifests/${TAG}`
/** The first page of a list, and the probe. */
const FIRST = /\/v2\/(?:acme\/app\/(?:tags\/list|referrers\/sha256:a+|blobs\/sha256:[0-9a-f]+)|_catalog)$/
const GOOD = JSON.stringify({ token: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl' })
const never = new AbortController().signal

/** A text goes one way in so many: all of them see the same kinds of text, and none of them sees them all. */
const TURNS = 8

/**
 * Takes a wire text to where one is read, and collects what would be told of it.
 *
 * @param turn a number, which says what ways it goes
 */
export async function saidOf(wire: Wire, turn: number): Promise<Said> {
  const said: Said = { sentences: [], mediaTypes: [] }
  const ways = [
    ...answersWith(wire).map((answer) => async () => void said.sentences.push(describe(answer))),
    ...listsWith(wire).map((answer) => () => listInto(said, answer)),
    ...manifestsWith(wire).map((answer) => () => readInto(said, answer)),
    ...detoursWith(wire).map((send) => () => tell(said, () => following(send)(request(URL_ASKED)))),
    ...challengesWith(wire).map((header) => () => authorizeInto(said, header, wire)),
    ...[...answersWith(wire), served(wire)].map((answer) => () => roundInto(said, answer)),
  ]
  for (const [at, way] of ways.entries()) if (at % TURNS === turn % TURNS) await way()
  return { sentences: [...new Set(said.sentences)], mediaTypes: [...new Set(said.mediaTypes)] }
}

/** Errors, and what pretends to be none. */
function answersWith({ text, bytes, header }: Wire): Response[] {
  const json = (error: unknown): Buffer => Buffer.from(JSON.stringify({ errors: [error] }))
  return [
    response(400, {}, '', { body: json({ code: 'DENIED', message: text, detail: text }) }),
    response(500, {}, '', { body: json({ code: text, message: text }) }),
    response(405, { allow: header }, '', { body: json({ code: 'UNSUPPORTED', message: { [text]: text } }) }),
    response(404, {}, '', { body: bytes }),
    response(502, { 'content-type': header }, '', { body: bytes, cut: true }),
    response(202, {}, '', { body: json({ code: 'UNKNOWN', message: text }) }),
    response(401, { 'www-authenticate': header }, '', { body: bytes }),
    response(401, { 'www-authenticate': `Bearer realm="${header}",scope="${header}"` }),
  ]
}

function listsWith(wire: Wire): Response[] {
  const { text, bytes, header } = wire
  const list = { name: text, tags: [text], repositories: [text], manifests: [{ digest: text }] }
  const empty = JSON.stringify({ tags: null, repositories: null, manifests: [] })
  return [
    ...answersWith(wire).slice(0, 7),
    response(200, { 'content-type': 'application/json' }, JSON.stringify(list)),
    response(200, {}, '', { body: bytes }),
    response(200, { link: header }, empty),
    response(200, { link: `<${header}>; rel="next"` }, empty),
    response(200, { link: `</v2/${header}>; rel=next` }, empty),
  ]
}

function manifestsWith({ text, bytes, header }: Wire): Response[] {
  const digest = DIGEST
  const body = (manifest: unknown, type = 'application/json', more: Record<string, string> = {}): Response =>
    response(200, { 'content-type': type, ...more }, JSON.stringify(manifest))
  const descriptor = { mediaType: text, digest, size: 1, annotations: { [text]: text }, urls: [text] }
  return [
    body({ schemaVersion: 2, mediaType: text }),
    body({ schemaVersion: 2, mediaType: `application/vnd.${text}.manifest.v1+json`, x: text }, header),
    body({ schemaVersion: 2, manifests: [descriptor, { ...descriptor, mediaType: `${text}.manifest` }] }),
    body({ schemaVersion: 2, config: descriptor, layers: [descriptor], subject: descriptor }),
    body({ schemaVersion: 2, config: descriptor, layers: [], [text]: text, Layers: text, MEDIATYPE: text }),
    body({ schemaVersion: 1, fsLayers: [{ blobSum: text }], signatures: [text] }),
    body({ schemaVersion: 2, config: text }, 'application/json', { 'docker-content-digest': header }),
    response(200, { 'content-type': header }, '', { body: bytes }),
    response(200, { 'content-type': 'text/html' }, '', { body: bytes, cut: true }),
  ]
}

/** Redirects to where the text leads, and what may happen there. */
function detoursWith({ header }: Wire): Send[] {
  const targets = [header, `http://${header}/a`, `https://${header}`, `https://elsewhere.invalid/${header}`]
  return targets.flatMap((location): Send[] => {
    const away = response(307, { location })
    return [
      async () => away,
      async (hop: Request) => {
        if (hop.url.href === URL_ASKED) return away
        throw new WireError(hop, 'network', 'ENOTFOUND')
      },
    ]
  })
}

function challengesWith({ header }: Wire): string[] {
  return [
    header,
    `${header} realm="${header}"`,
    `Bearer realm="${header}",service="${header}"`,
    `Bearer realm="https://tokens.invalid/${header}",service="${header}",scope="${header}"`,
    `Bearer realm="https://${header}.invalid/",scope="repository:${header}:${header},pull"`,
    `Bearer realm=https://tokens.invalid,scope="${header}:a:b ${header}:c:*",error="${header}"`,
  ]
}

/** An answer that should not be, by way of a cache. */
function served({ bytes, header }: Wire): Response {
  const headers = { via: header, age: header, 'x-cache': header, 'x-cache-status': header }
  return response(200, headers, '', { body: bytes })
}

async function listInto(said: Said, answer: Response): Promise<void> {
  // A link to a next page leads to nothing, or the list would never end.
  const client = clientFor(async ({ url }) => (FIRST.test(url.href) ? answer : response(404)))
  await tell(said, () => listTags(client, REPO))
  await tell(said, () => listRepositories(client))
  await tell(said, async () => {
    const listing = await listReferrers(client, REPO, DIGEST)
    return listing.is === 'unclear' ? sayUnreadReferrers(listing.why) : undefined
  })
  await tell(said, async () => {
    const deletion = await new Capabilities(client, new SeededRandom(1)).blobDeletion(REPO)
    return deletion.is === 'on' ? undefined : deletion.answered
  })
}

/** The registry asks for a token, the service has something to say to that, and the registry to the token. */
async function authorizeInto(said: Said, challenge: string, wire: Wire): Promise<void> {
  const clock = new FakeClock()
  const refusal = response(401, { 'www-authenticate': challenge })
  const token = JSON.stringify({ token: wire.header, access_token: wire.text, refresh_token: wire.text })
  for (const answer of [
    ...answersWith(wire).slice(0, 2),
    response(200, {}, token),
    response(200, {}, GOOD),
  ]) {
    const credentials = { kind: 'basic', username: 'bob', password: 'password' } as const
    const tokens = new Tokens({
      send: async () => answer,
      credentials,
      clock,
      kill: never,
      secret: () => undefined,
    })
    const authorization = { origin: ORIGIN, credentials, tokens, clock }
    await tell(said, async () =>
      describe(await authorizing(async () => refusal, authorization)(request(URL_ASKED))),
    )
  }
}

async function readInto(said: Said, answer: Response): Promise<void> {
  const client = clientFor(async (asked) => (asked.url.href === URL_ASKED ? answer : response(404)))
  const capabilities = new Capabilities(client, new SeededRandom(1))
  const tools = { client, capabilities, width: 1, progress: unseen }
  const reader = new Reader(tools, REPO, { referrers: false })
  await tell(said, async () => {
    const state = await reader.tag(TAG)
    return 'why' in state ? sayUnreadManifest(state.why) : undefined
  })
  for (const { mediaType, children, blobs } of reader.manifests.values())
    said.mediaTypes.push(mediaType, ...[...children, ...blobs].map((each) => each.mediaType))
  for (const missing of reader.missing.values())
    if ('why' in missing) said.sentences.push(sayUnreadManifest(missing.why))
}

async function roundInto(said: Said, answer: Response): Promise<void> {
  const client = clientFor(async () => answer)
  const random = new SeededRandom(1)
  const clock = new FakeClock()
  const capabilities = new Capabilities(client, random)
  const round = await checkRound(
    { client, capabilities, clock, random, width: 2, progress: unseen },
    { repository: REPO, timeout: 1000 },
    [{ kind: 'blob', name: DIGEST }],
    [{ kind: 'repository', empty: true }],
  )
  for (const finding of round.findings.values())
    if (finding.is !== 'gone') said.sentences.push(sayFlaw(finding.flaw))
  if (round.controlFlaw !== undefined) said.sentences.push(sayFlaw(round.controlFlaw))
}

function clientFor(send: Send): Client {
  return new Client({
    origin: ORIGIN,
    credentialsFrom: 'the inputs',
    send,
    heldFor: () => 0,
    stop: never,
    kill: never,
  })
}

/** Takes in what comes of an attempt where that is a sentence, and the text of what is thrown. */
async function tell({ sentences }: Said, attempt: () => Promise<unknown>): Promise<void> {
  try {
    const result = await attempt()
    if (typeof result === 'string') sentences.push(result)
  } catch (error) {
    // What the action does not throw on purpose is a defect, whatever its text.
    if (error instanceof ListError) sentences.push(say(problemOf(error)).text)
    else if (error instanceof CatalogError) sentences.push(say(problemOf(error)).text)
    else if (error instanceof WireError) sentences.push(error.message)
    else throw error
  }
}
