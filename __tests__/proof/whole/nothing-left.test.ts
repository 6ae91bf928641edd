/** Object stores have no empty folders: with its last tag a repository is unknown to its tag list. */
import { describe, expect, test } from '@jest/globals'
import { runEngine } from '../../support/engine.js'
import { useRegistries } from '../../support/registries.js'
import { served } from '../../safety/wire.js'
import { ociImage } from '../../../testbed/images/image.js'
import { pushImage } from '../../support/push.js'

const registryWith = useRegistries()
const REPO = 'acme/search-indexer'
const leak = ociImage('only')
const contents = [leak, leak.config, ...leak.layers].flatMap((content) => content?.digest ?? [])
const blobs = contents.filter((digest) => digest !== leak.digest)
const LINES = {
  image: `${REPO}@${leak.digest}`,
  blobs: blobs.map((digest) => `${REPO}@${digest}`).join('\n'),
}

async function withOneTag() {
  const registry = await registryWith({ emptyIsUnknown: true })
  pushImage(registry.store, REPO, leak, 'debug-42')
  return registry
}

describe('where nothing remains', () => {
  test('the purge of the last tag is proven', async () => {
    const registry = await withOneTag()
    const run = await runEngine(registry, { image: `${REPO}:debug-42` })
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(served(registry, REPO, contents)).toEqual([])
    const last = registry.requests.findLastIndex(({ method }) => method === 'DELETE')
    const paths = registry.requests.slice(last).map(({ path }) => path)
    expect(paths.filter((path) => path === '/v2/')).toHaveLength(2)
  })

  test('a later run by digest proves it again, and says that it deleted nothing', async () => {
    const registry = await withOneTag()
    await runEngine(registry, { image: `${REPO}:debug-42` })
    const run = await runEngine(registry, LINES)
    expect([run.result, run.problems]).toEqual(['purged', ''])
    expect(run.report.repositories[0]?.warnings.join()).toContain('does not know the repository')
    expect(run.report.repositories[0]?.blobs.map(({ outcome }) => outcome)).toEqual(
      blobs.map(() => 'already-gone'),
    )
  })

  test('a later run by digest deletes what an earlier one left', async () => {
    const registry = await withOneTag()
    registry.store.untag(REPO, 'debug-42')
    const run = await runEngine(registry, LINES)
    expect([run.result, served(registry, REPO, contents)]).toEqual(['purged', []])
  })

  test('by tag an unknown repository refuses', async () => {
    const registry = await registryWith({ emptyIsUnknown: true })
    const run = await runEngine(registry, { image: `${REPO}:debug-42` })
    expect(run.result).toBe('refused')
    expect(run.problems).toContain(`has no repository ${REPO}`)
  })

  test.each([401, 403, 404, 503])('%i at the base of the API is no control', async (status) => {
    const registry = await withOneTag()
    registry.options.intercept = ({ path }) => (path === '/v2/' ? { status, body: {} } : undefined)
    const run = await runEngine(registry, { image: `${REPO}:debug-42`, 'verify-timeout': '10s' })
    expect(run.result).toBe('incomplete')
    expect(run.log.join()).toContain('the control (/v2/), which must be there, gets')
  })

  test('a list that is forbidden by now is no control', async () => {
    const registry = await withOneTag()
    registry.options.after = ({ method, path }) => {
      if (method === 'DELETE' && path.endsWith(blobs[0] ?? ''))
        registry.options.intercept = ({ route }) =>
          route.kind === 'tags' ? { status: 403, body: { errors: [{ code: 'DENIED' }] } } : undefined
    }
    const run = await runEngine(registry, { image: `${REPO}:debug-42`, 'verify-timeout': '10s' })
    expect(run.result).toBe('incomplete')
  })
})
