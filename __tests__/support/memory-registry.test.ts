import { Agent } from 'node:http'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { digestOf } from '../../testbed/images/content.js'
import { dockerImage } from '../../testbed/images/image.js'
import { ACCEPT_ALL } from '../../testbed/images/media-types.js'
import { ask } from './ask.js'
import { pushImage } from './push.js'
import type { MemoryOptions, MemoryRegistry } from './memory-registry.js'
import { useRegistries } from './registries.js'

const open = useRegistries()
const NOWHERE = `sha256:${'ab'.repeat(32)}`
const image = dockerImage('leak')
const [layer] = image.layers as [(typeof image.layers)[number]]
const full = { headers: { accept: ACCEPT_ALL } }

async function filled(options: MemoryOptions = {}): Promise<MemoryRegistry> {
  const registry = await open(options)
  pushImage(registry.store, 'app', image, 'leak')
  return registry
}

describe('what distribution 3.1.1 says', () => {
  const json = 'application/json'
  const text = 'text/plain; charset=utf-8'
  test.each([
    ['GET', '/v2/', 200, undefined, json],
    ['GET', '/v2', 301, undefined, undefined],
    ['GET', '/v2/app/tags/list', 200, undefined, json],
    ['HEAD', '/v2/app/tags/list', 405, undefined, text],
    ['GET', '/v2/nope/tags/list', 404, 'NAME_UNKNOWN', json],
    ['GET', '/v2/app/manifests/none', 404, 'MANIFEST_UNKNOWN', json],
    ['GET', `/v2/app/manifests/${NOWHERE}`, 404, 'MANIFEST_UNKNOWN', json],
    ['HEAD', `/v2/app/manifests/${NOWHERE}`, 404, undefined, json],
    ['GET', `/v2/app/manifests/${layer.digest}`, 404, 'MANIFEST_UNKNOWN', json],
    ['GET', `/v2/app/manifests/${image.digest}`, 200, undefined, image.mediaType],
    ['GET', `/v2/app/manifests/${image.digest.replace(':', '%3A')}`, 200, undefined, image.mediaType],
    ['GET', '/v2/app/manifests/sha256:zz', 500, 'UNKNOWN', json],
    ['GET', `/v2/app/blobs/${layer.digest}`, 200, undefined, 'application/octet-stream'],
    ['GET', `/v2/app/blobs/${image.digest}`, 404, 'BLOB_UNKNOWN', json],
    ['GET', `/v2/other/blobs/${layer.digest}`, 404, 'BLOB_UNKNOWN', json],
    ['GET', '/v2/app/blobs/sha256:zz', 400, 'DIGEST_INVALID', json],
    ['GET', `/v2/app/referrers/${image.digest}`, 404, undefined, text],
    ['DELETE', '/v2/app/tags/reference/leak', 404, undefined, text],
    ['DELETE', '/v2/app/manifests/none', 404, 'MANIFEST_UNKNOWN', json],
    ['DELETE', `/v2/app/manifests/${NOWHERE}`, 404, 'MANIFEST_UNKNOWN', json],
    ['DELETE', `/v2/app/blobs/${NOWHERE}`, 404, 'BLOB_UNKNOWN', json],
    ['DELETE', '/v2/app/manifests/sha256:zz', 500, 'UNKNOWN', json],
    ['DELETE', '/v2/app/manifests/leak', 202, undefined, undefined],
    ['DELETE', `/v2/app/manifests/${image.digest}`, 202, undefined, undefined],
    ['DELETE', `/v2/app/blobs/${layer.digest}`, 202, undefined, undefined],
  ])('%s %s: %d', async (method, path, status, code, type) => {
    const { url } = await filled()
    const reply = await ask(method, url + path, full)
    expect([reply.status, reply.code, reply.headers['content-type']]).toEqual([status, code, type])
    expect(reply.headers['docker-distribution-api-version']).toBe('registry/2.0')
    if (status === 202) expect([reply.headers['content-length'], reply.text]).toEqual(['0', ''])
  })

  test('headers of a manifest and of a blob', async () => {
    const { url } = await filled()
    for (const method of ['GET', 'HEAD']) {
      const manifest = await ask(method, `${url}/v2/app/manifests/leak`, full)
      expect(manifest.headers).toMatchObject({
        'content-length': String(image.size),
        'docker-content-digest': image.digest,
        etag: `"${image.digest}"`,
      })
      const blob = await ask(method, `${url}/v2/app/blobs/${layer.digest}`)
      expect(blob.headers).toMatchObject({
        'content-length': String(layer.size),
        'docker-content-digest': layer.digest,
        'cache-control': 'max-age=31536000',
      })
      expect(blob.body.length).toBe(method === 'GET' ? layer.size : 0)
    }
  })

  test('a part of a blob; 304 for a manifest that is not there', async () => {
    const { url } = await filled()
    const part = await ask('GET', `${url}/v2/app/blobs/${layer.digest}`, { headers: { range: 'bytes=0-2' } })
    expect([part.status, part.text, part.headers['content-range']]).toEqual([
      206,
      'lay',
      `bytes 0-2/${layer.size}`,
    ])
    const conditional = { headers: { 'if-none-match': `"${NOWHERE}"` } }
    expect((await ask('GET', `${url}/v2/app/manifests/${NOWHERE}`, conditional)).status).toBe(304)
  })
})

test('what was pushed by sha512 has a sha256 twin', async () => {
  const { url, store } = await open()
  const digest = store.putBlob('app', 'bytes', 'sha512')
  const twin = digestOf(Buffer.from('bytes'))
  const blob = (name: string): string => `${url}/v2/app/blobs/${name}`
  expect((await ask('HEAD', blob(digest))).headers['docker-content-digest']).toBe(twin)
  expect((await ask('DELETE', blob(digest))).status).toBe(202)
  expect([(await ask('GET', blob(digest))).status, (await ask('GET', blob(twin))).status]).toEqual([404, 200])
})

test('a blob that another repository links is served there, until that one lets go of it', async () => {
  const { url, store } = await filled()
  store.linkBlob('team/other', layer.digest)
  const status = async (method: string, repo: string): Promise<number> =>
    (await ask(method, `${url}/v2/${repo}/blobs/${layer.digest}`)).status
  expect(await status('DELETE', 'app')).toBe(202)
  expect([await status('GET', 'app'), await status('GET', 'team/other')]).toEqual([404, 200])
  expect(await status('DELETE', 'team/other')).toBe(202)
  expect(await status('GET', 'team/other')).toBe(404)
})

describe('pushes over HTTP', () => {
  test('an upload in parts, a mount, a manifest', async () => {
    const { url, store } = await open()
    const start = await ask('POST', `${url}/v2/app/blobs/uploads/`)
    expect(start.status).toBe(202)
    const place = String(start.headers.location)
    expect((await ask('PATCH', place, { body: layer.bytes.subarray(0, 3) })).status).toBe(202)
    const rest = { body: layer.bytes.subarray(3) }
    expect((await ask('PUT', `${place}&digest=${layer.digest}`, rest)).status).toBe(201)
    expect(store.hasBlob('app', layer.digest)).toBe(true)
    expect((await ask('PATCH', place, { body: 'x' })).status).toBe(404)
    const mount = `${url}/v2/app2/blobs/uploads/?mount=${layer.digest}&from=`
    expect((await ask('POST', `${mount}nope`)).status).toBe(202)
    expect((await ask('POST', `${mount}app`)).status).toBe(201)
    expect(store.hasBlob('app2', layer.digest)).toBe(true)
  })

  test('bytes that do not hash to their digest are refused', async () => {
    const { url } = await open()
    const place = String((await ask('POST', `${url}/v2/app/blobs/uploads/`)).headers.location)
    const reply = await ask('PUT', `${place}&digest=${NOWHERE}`, { body: 'x' })
    expect([reply.status, reply.code]).toEqual([400, 'DIGEST_INVALID'])
  })

  test.each([
    ['what it needs is there', image.bytes, 'new', 201, undefined],
    [
      'a blob is missing',
      image.bytes.toString().replace(layer.digest, NOWHERE),
      'new',
      400,
      'MANIFEST_BLOB_UNKNOWN',
    ],
    [
      'a child is missing',
      JSON.stringify({ manifests: [{ digest: NOWHERE }] }),
      'new',
      400,
      'MANIFEST_BLOB_UNKNOWN',
    ],
    ['nothing is needed', '{"schemaVersion":2,"manifests":[]}', 'new', 201, undefined],
    ['no JSON', 'x', 'new', 400, 'MANIFEST_INVALID'],
    ['another digest', image.bytes, NOWHERE, 400, 'DIGEST_INVALID'],
  ])('a manifest: %s', async (_, body, reference, status, code) => {
    const { url, store } = await filled()
    const headers = { 'content-type': image.mediaType }
    const reply = await ask('PUT', `${url}/v2/app/manifests/${reference}`, { headers, body })
    expect([reply.status, reply.code]).toEqual([status, code])
    expect(store.resolve('app', 'new')).toBe(status === 201 ? digestOf(Buffer.from(body)) : undefined)
  })
})

describe('who may do what', () => {
  const basic = (user: string, password: string) => ({
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
  })

  test.each([
    ['nobody', {}, 401],
    ['the right one', basic('ann', 'a:b'), 200],
    ['a wrong password', basic('ann', 'x'), 401],
    ['a name of the prototype', basic('constructor', 'x'), 401],
    ['another scheme', { headers: { authorization: 'Bearer x' } }, 401],
  ])('%s', async (_, question, status) => {
    const { url } = await filled({ users: { ann: 'a:b' }, realm: 'here' })
    const reply = await ask('GET', `${url}/v2/app/tags/list`, question)
    expect(reply.status).toBe(status)
    if (status === 401) {
      expect([reply.code, reply.headers['www-authenticate']]).toEqual(['UNAUTHORIZED', 'Basic realm="here"'])
    }
  })

  test('a missing endpoint asks for no password, a switched-off deletion does', async () => {
    const { url } = await filled({ users: { ann: 'b' }, deleteOff: true })
    expect((await ask('GET', `${url}/v2/app/referrers/${NOWHERE}`)).status).toBe(404)
    expect((await ask('DELETE', `${url}/v2/app/blobs/${NOWHERE}`)).status).toBe(401)
    expect((await ask('DELETE', `${url}/v2/app/blobs/${NOWHERE}`, basic('ann', 'b'))).status).toBe(405)
  })

  test.each([
    [401, 'UNAUTHORIZED'],
    [403, 'DENIED'],
  ] as const)('a user who may not delete blobs: %d', async (status, code) => {
    const asked: unknown[] = []
    const { url, store } = await filled({
      users: { ann: 'b' },
      permissions: ({ user, action, kind, repo }) => {
        asked.push([user, action, kind, repo])
        return action === 'delete' && kind === 'blob' ? status : undefined
      },
    })
    const reply = await ask('DELETE', `${url}/v2/app/blobs/${layer.digest}`, basic('ann', 'b'))
    expect([reply.status, reply.code]).toEqual([status, code])
    expect((await ask('DELETE', `${url}/v2/app/manifests/leak`, basic('ann', 'b'))).status).toBe(202)
    expect((await ask('GET', `${url}/v2/_catalog`, basic('ann', 'b'))).status).toBe(200)
    expect(store.hasBlob('app', layer.digest)).toBe(true)
    expect(asked).toEqual([
      ['ann', 'delete', 'blob', 'app'],
      ['ann', 'delete', 'tag', 'app'],
      ['ann', 'catalog', undefined, undefined],
    ])
  })
})

describe('records', () => {
  test('each request, and whether a connection was used again', async () => {
    const registry = await filled()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await ask('GET', `${registry.url}/v2/app/tags/list?n=3`, { agent, headers: { 'x-mine': '1' } })
    await ask('GET', `${registry.url}/v2/`, { agent })
    await ask('GET', `${registry.url}/v2/nope/tags/list`)
    agent.destroy()
    expect(registry.sockets()).toBe(2)
    expect(registry.inFlight()).toBe(0)
    expect(registry.requests.map(({ socketId, status }) => [socketId, status])).toEqual([
      [1, 200],
      [1, 200],
      [2, 404],
    ])
    expect(registry.requests[0]).toMatchObject({
      method: 'GET',
      path: '/v2/app/tags/list',
      url: '/v2/app/tags/list?n=3',
      headers: { 'x-mine': '1' },
      route: { kind: 'tags', repo: 'app' },
    })
  })

  test.each([
    ['GET', '/'],
    ['GET', '/api/v2.0/ping'],
    ['GET', '/v2/Bad/manifests/x'],
    ['GET', '/v2/app/manifests/-x'],
    ['GET', `/v2/app/manifests/${NOWHERE.toUpperCase()}`],
    ['GET', '/v2/app/blobs/uploads/x'],
    ['POST', '/v2/app/manifests/x'],
    ['PUT', '/v2/app/tags/list'],
    ['GET', '/v2/app/%'],
  ])('what no registry has is unexpected: %s %s', async (method, path) => {
    const registry = await open()
    expect((await ask(method, registry.url + path)).status).toBe(500)
    expect(registry.unexpected.splice(0)).toEqual([`${method} ${path}`])
  })

  test('two equal snapshots show that nothing was written', async () => {
    const { url, store } = await filled()
    const before = store.snapshot()
    await ask('DELETE', `${url}/v2/app/blobs/${NOWHERE}`)
    expect(store.snapshot()).toEqual(before)
    await ask('DELETE', `${url}/v2/app/blobs/${layer.digest}`)
    expect(store.snapshot()).not.toEqual(before)
  })
})

describe('hooks', () => {
  test('intercept answers, drops, or lets pass', async () => {
    const registry = await filled({
      intercept: ({ path }) => {
        if (path === '/token') return { status: 200, body: { token: 't' } }
        if (path === '/text') return { status: 418, headers: { 'x-a': 'b' }, body: 'text' }
        return path === '/reset' ? 'reset' : undefined
      },
    })
    const token = await ask('GET', `${registry.url}/token`)
    expect([token.text, token.headers['content-type']]).toEqual(['{"token":"t"}', 'application/json'])
    const text = await ask('GET', `${registry.url}/text`)
    expect([text.status, text.text, text.headers['x-a']]).toEqual([418, 'text', 'b'])
    expect((await ask('GET', `${registry.url}/reset`)).error).toBe('ECONNRESET')
    expect((await ask('GET', `${registry.url}/v2/`)).status).toBe(200)
    expect(registry.requests.map(({ status }) => status)).toEqual([200, 418, 0, 200])
  })

  test('a request may hang until the registry stops', async () => {
    const registry = await filled({ intercept: () => 'hang' })
    const reply = ask('GET', `${registry.url}/v2/`)
    while (registry.requests.length === 0 || registry.inFlight() > 0)
      await new Promise((done) => setTimeout(done, 5))
    await registry.stop()
    expect((await reply).error).toBe('ECONNRESET')
  })

  test('after runs between the work and its answer', async () => {
    const seen: unknown[] = []
    const registry = await filled()
    registry.options.after = (request, store, answer) => {
      seen.push([request.status, typeof answer === 'string' ? answer : answer.status, store.tags('app')])
      store.tag('app', 'pushed-meanwhile', image.digest)
    }
    await ask('DELETE', `${registry.url}/v2/app/manifests/leak`)
    expect(seen).toEqual([[0, 202, []]])
    expect(registry.store.tags('app')).toEqual(['pushed-meanwhile'])
  })

  test('one that throws is told', async () => {
    const registry = await filled({
      intercept: () => {
        throw new Error('oops')
      },
    })
    expect((await ask('GET', `${registry.url}/v2/`)).status).toBe(500)
    expect(registry.unexpected.splice(0)).toEqual(['GET /v2/: Error: oops'])
  })
})

describe('trouble', () => {
  const paths = [
    '/v2/',
    '/v2/app/tags/list',
    '/v2/app/manifests/leak',
    `/v2/app/blobs/${layer.digest}`,
    `/v2/app/manifests/${image.digest}`,
  ]
  test.each([
    [
      'all-404',
      [404, 404, 404, 404, 404],
      [undefined, 'NAME_UNKNOWN', 'MANIFEST_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN'],
    ],
    ['all-401', [401, 401, 401, 401, 401], Array(5).fill('UNAUTHORIZED')],
    ['blobs-404', [200, 200, 200, 404, 200], [undefined, undefined, undefined, 'BLOB_UNKNOWN', undefined]],
  ] as const)('%s from a moment on', async (blanket, statuses, codes) => {
    const { url } = await filled({
      blanket: ({ path }) => (path === '/v2/_catalog' ? undefined : blanket),
    })
    const replies = await Promise.all(paths.map((path) => ask('GET', url + path, full)))
    expect(replies.map(({ status }) => status)).toEqual(statuses)
    expect(replies.map(({ code }) => code)).toEqual(codes)
    expect((await ask('GET', `${url}/v2/_catalog`)).status).toBe(200)
  })

  test('429 for the first requests of a kind', async () => {
    const { url } = await filled({
      tooMany: { times: 2, retryAfter: '3', match: ({ method }) => method === 'DELETE' },
    })
    const statuses: number[] = []
    for (const method of ['DELETE', 'GET', 'DELETE', 'DELETE']) {
      const reply = await ask(method, `${url}/v2/app/manifests/none`)
      statuses.push(reply.status)
      expect(reply.headers['retry-after']).toBe(reply.status === 429 ? '3' : undefined)
    }
    expect(statuses).toEqual([429, 404, 429, 404])
  })

  test('an answer that comes late', async () => {
    const { url } = await filled({ delay: ({ path }) => (path === '/v2/' ? 0 : 60) })
    const started = performance.now()
    await ask('GET', `${url}/v2/app/tags/list`)
    expect(performance.now() - started).toBeGreaterThanOrEqual(55)
    expect((await ask('GET', `${url}/v2/app/tags/list`, { timeoutMs: 10 })).error).toBe('timeout')
  })

  test('words of a hostile registry', async () => {
    const registry = await filled({ errorMessage: '::error::a\n##[error]b' })
    const path = `${registry.url}/v2/app/manifests/none`
    expect(JSON.parse((await ask('GET', path)).text)).toEqual({
      errors: [
        { code: 'MANIFEST_UNKNOWN', message: '::error::a\n##[error]b', detail: '::error::a\n##[error]b' },
      ],
    })
    registry.options.errorBody = { body: '<html>', type: 'text/html' }
    registry.options.extraHeaders = { Warning: '299 - "look"' }
    const page = await ask('GET', path)
    expect([page.status, page.text, page.headers['content-type'], page.headers.warning]).toEqual([
      404,
      '<html>',
      'text/html',
      '299 - "look"',
    ])
    expect((await ask('GET', `${registry.url}/v2/`)).text).toBe('{}')
  })

  test('errors as plain text', async () => {
    const { url } = await filled({ errorType: 'text/plain; charset=utf-8' })
    const reply = await ask('GET', `${url}/v2/app/manifests/none`)
    expect([reply.code, reply.headers['content-type']]).toEqual([
      'MANIFEST_UNKNOWN',
      'text/plain; charset=utf-8',
    ])
    expect((await ask('GET', `${url}/v2/app/tags/list`)).headers['content-type']).toBe('application/json')
  })
})

test('https, also with certificates of clients', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memory-registry-'))
  try {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', keyFile, '-out', certFile], {
      stdio: 'ignore',
    })
    const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')]

    const registry = await filled({ tls: { key, cert } })
    expect(registry.url).toMatch(/^https:/)
    expect((await ask('GET', `${registry.url}/v2/`, { ca: cert })).status).toBe(200)
    expect(registry.requests.map(({ socketId }) => socketId)).toEqual([1])
    expect((await ask('GET', `${registry.url}/v2/`)).error).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    registry.options.intercept = () => 'reset'
    expect((await ask('GET', `${registry.url}/v2/`, { ca: cert })).error).toBe('ECONNRESET')

    const mutual = await filled({ tls: { key, cert, clientCa: cert } })
    expect((await ask('GET', `${mutual.url}/v2/`, { ca: cert, key, cert })).status).toBe(200)
    expect((await ask('GET', `${mutual.url}/v2/`, { ca: cert })).status).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
