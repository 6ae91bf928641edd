import { describe, expect, test } from '@jest/globals'
import { platformIndex } from '../../../testbed/images/platforms.js'
import { push } from '../../../testbed/images/push.js'
import { expectGone, expectPulls, snapshot } from '../support/registry-state.js'
import { others } from '../support/scenes.js'
import { expectResult, onRegistry, purge, versions, type Run } from '../support/support.js'
import { expectNoToken, PASSWORD, startTokenScene, USER, type TokenScene } from '../support/tokens.js'

const READ = 'repository:acme/search-indexer:pull'
const DELETE = 'repository:acme/search-indexer:delete'

/** The leak is gone and the rest pulls, as somebody sees it who needs no token. */
async function expectPurged({ behind, scene, tokens }: TokenScene, run: Run): Promise<void> {
  expectResult(run, 'purged')
  const { repository, leak } = scene
  await expectGone(behind, repository, {
    tags: [leak.tag],
    manifests: [leak.digest],
    blobs: leak.ownBlobs,
  })
  await expectPulls(behind, repository, others(scene))
  expectNoToken(run, tokens)
}

async function state({ behind, scene }: TokenScene): Promise<unknown> {
  const { repository, tags, leak } = scene
  return snapshot(behind, repository, {
    tags: Object.keys(tags),
    manifests: [leak.digest],
    blobs: leak.ownBlobs,
  })
}

const scopes = ({ tokens }: TokenScene): string[] => tokens.requests.flatMap((request) => request.scopes)

for (const version of versions) {
  onRegistry(version, (start) => {
    test('the leak is purged with tokens for just what the challenges name, one for each', async () => {
      const scene = await startTokenScene(start)
      const run = await purge(scene.registry, { image: scene.image, 'verify-attempts': '3' })
      await expectPurged(scene, run)
      expect(scopes(scene).sort()).toEqual([DELETE, READ])
      const basic = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`
      expect(scene.tokens.requests.map(({ method, authorization }) => [method, authorization])).toEqual([
        ['GET', basic],
        ['GET', basic],
      ])
      expect(run.report.requests.token).toBe(2)
      expect(run.output.outside[0]).toContain('credentials from the inputs')
    })

    test('a user who may not delete is refused, naming the action, after one more try and no loop', async () => {
      const scene = await startTokenScene(start, {
        users: { [USER]: { password: PASSWORD, actions: ['pull'] } },
      })
      const before = await state(scene)
      const run = await purge(scene.registry, { image: scene.image })
      expectResult(run, 'refused')
      expect(run.errors).toMatch(/No permission.*does not allow `delete` on acme\/search-indexer/)
      expect(scopes(scene).filter((scope) => scope === DELETE).length).toBeLessThanOrEqual(2)
      expect(await state(scene)).toEqual(before)
      const dry = await purge(scene.registry, { image: scene.image, 'dry-run': 'true' })
      expectResult(dry, 'planned')
      const warnings = dry.output.annotations.filter(({ level }) => level === 'warning')
      expect(warnings.some(({ message }) => message.includes('No permission'))).toBe(true)
    })

    test('a token that has expired is renewed', async () => {
      // Beyond the leeway of a minute that distribution grants.
      const scene = await startTokenScene(start, { lifetime: (count) => (count === 0 ? -120 : 300) })
      await expectPurged(scene, await purge(scene.registry, { image: scene.image }))
      expect(scopes(scene).sort()).toEqual([DELETE, READ, READ])
    })

    test('a token that is about to expire is renewed in mid-run', async () => {
      const scene = await startTokenScene(start, { expiresIn: 1 })
      const run = await purge(scene.registry, {
        image: scene.image,
        'verify-attempts': '3',
        'verify-interval': '1s',
      })
      await expectPurged(scene, run)
      expect(scopes(scene).filter((scope) => scope === READ).length).toBeGreaterThan(2)
    })
  })
}

onRegistry('3.1.1', (start) => {
  test('a user who may not push removes a label, unless an index needs its manifest', async () => {
    const users = { [USER]: { password: PASSWORD, actions: ['pull', 'delete'] } }
    const { registry, scene, image, behind } = await startTokenScene(start, { users })
    const run = await purge(registry, { image, scope: 'tag' })
    expectResult(run, 'purged')
    await expectGone(behind, scene.repository, { tags: [scene.leak.tag] })
    await expectPulls(behind, scene.repository, { [scene.leak.digest]: scene.leak.digest })

    const { index, images } = platformIndex('listed')
    await push(behind, scene.repository, index, 'multi')
    await push(behind, scene.repository, images[0] ?? index, 'amd64')
    const left = await purge(registry, { image: `${scene.repository}:amd64`, scope: 'tag' })
    expectResult(left, 'refused')
    expect(left.errors).toMatch(
      /amd64 was kept: .* is needed by multi.*401.*Give the user the action `push` on acme\//,
    )
    await expectPulls(behind, scene.repository, { amd64: images[0]?.digest ?? '', multi: index.digest })
  })

  test('a wrong password is refused, naming the inputs', async () => {
    const scene = await startTokenScene(start)
    const run = await purge(scene.registry, { image: scene.image, password: 'not the one' })
    expectResult(run, 'refused')
    expect(run.errors).toMatch(/refuses the credentials from the inputs `username` and `password`/)
    expect(run.errors).toMatch(/token service https:\/\/127\.0\.0\.1:\d+\/token\S* refuses.*401 UNAUTHORIZED/)
    expect(scene.tokens.requests.length).toBeLessThanOrEqual(2)
  })

  test('without credentials the token service is asked for an anonymous token, which is not enough', async () => {
    const scene = await startTokenScene(start, { anonymous: ['pull'] })
    const run = await purge(scene.registry, { image: scene.image, username: undefined, password: undefined })
    expectResult(run, 'refused')
    expect(run.output.outside[0]).toContain('anonymous')
    expect(run.errors).toContain('`delete` on acme/search-indexer')
    expect(scene.tokens.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
  })

  test('no credential goes to a plain http token service of an https registry', async () => {
    const scene = await startTokenScene(start, {}, true)
    const run = await purge(scene.registry, { image: scene.image })
    expectResult(run, 'refused')
    expect(run.errors).toContain('a token service over plain http')
    expect(scene.tokens.requests).toEqual([])
  })

  describe('a token service', () => {
    test.each(['token', 'access_token'] as const)(
      'may call it %s, and not say how long it lasts',
      async (name) => {
        const scene = await startTokenScene(start, { tokenFields: name, expiresIn: undefined })
        await expectPurged(scene, await purge(scene.registry, { image: scene.image }))
      },
    )

    test('may speak POST only', async () => {
      const scene = await startTokenScene(start, { methods: 'post' })
      await expectPurged(scene, await purge(scene.registry, { image: scene.image }))
      const posts = scene.tokens.requests.filter(({ method }) => method === 'POST')
      expect(posts.map(({ form }) => form.get('grant_type'))).toEqual(['password', 'password'])
      expect(posts.map(({ form }) => form.get('scope')).sort()).toEqual([DELETE, READ])
    })

    test('may lose answers and ask for patience', async () => {
      const scene = await startTokenScene(start, {
        intercept: (_, count) =>
          [
            { status: 503, body: 'busy' },
            { status: 429, headers: { 'retry-after': '1' } },
          ][count],
      })
      await expectPurged(scene, await purge(scene.registry, { image: scene.image }))
    })

    test.each([
      ['fails', { status: 500, body: 'no' }, /token service returned 500/],
      ['answers with HTML', { status: 200, body: '<html>' }, /something that is not JSON/],
      ['answers without a token', { status: 200, body: '{"token":""}' }, /returned 200, but no token/],
      [
        'answers with what no header carries',
        { status: 200, body: '{"token":"a\\r\\nb: c"}' },
        /does not fit into a header/,
      ],
      [
        'answers with more than it should',
        { status: 200, body: ' '.repeat(70_000) },
        /larger than this action/,
      ],
    ])('that %s ends the run with its name', async (_, answer, said) => {
      const scene = await startTokenScene(start, { intercept: () => answer })
      const before = await state(scene)
      const run = await purge(scene.registry, { image: scene.image })
      expectResult(run, 'refused')
      expect(run.errors).toMatch(said)
      expect(run.errors).toContain('/token')
      expect(await state(scene)).toEqual(before)
    })

    test('that redirects to another origin gets no credentials there', async () => {
      const other = await startTokenScene(start)
      const scene = await startTokenScene(start, {
        intercept: () => ({ status: 307, headers: { location: other.tokens.url } }),
      })
      expectResult(await purge(scene.registry, { image: scene.image }), 'refused')
      expect(other.tokens.requests.length).toBeGreaterThan(0)
      for (const { authorization, query } of other.tokens.requests)
        expect([authorization, query.get('password')]).toEqual([undefined, null])
    })

    test('that takes tokens back in mid-run leaves what was not proven incomplete', async () => {
      const scene = await startTokenScene(start, {
        expiresIn: 1,
        intercept: (request) =>
          scene.tokens.requests.length > 2 && request.scopes.includes(READ)
            ? { status: 401, body: '{}' }
            : undefined,
      })
      const run = await purge(scene.registry, {
        image: scene.image,
        'verify-attempts': '5',
        'verify-interval': '1s',
        'verify-timeout': '4s',
      })
      expectResult(run, 'incomplete')
      expect(scene.tokens.requests.length).toBeLessThan(40)
    })
  })
})
