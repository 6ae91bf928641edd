import { expect, test } from '@jest/globals'
import { content } from '../../../testbed/images/content.js'
import { blobDigests } from '../../../testbed/images/image.js'
import { push } from '../../../testbed/images/push.js'
import { onRegistryWith, passTo, startFront } from '../support/parts.js'
import { expectGone, expectPulls, statusOf } from '../support/registry-state.js'
import { imageOf, layerOf } from '../support/scenes.js'
import { expectResult, plain, purge, type Registry, type RegistryServer } from '../support/support.js'

const repository = 'acme/app'
const [leak, stable] = [imageOf('base', 'secret'), imageOf('base')]
const own = blobDigests(leak).filter((digest) => digest !== layerOf('base').digest)
const short = { 'verify-timeout': '1s', 'shared-blobs': 'keep' }
const asked = { manifests: [leak.digest], blobs: own }

interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
}

const html: Page = { status: 404, type: 'text/html', body: '<html><h1>Not found</h1></html>' }
const json = (status: number, code: string): Page => ({
  status,
  type: 'application/json',
  body: `{"errors":[{"code":"${code}","message":"not found"}]}`,
})

/** nginx that answers for some digests itself, whatever the method. */
function startGateway(
  registry: RegistryServer,
  { status, type, body }: Page,
  endpoints: string,
): Promise<Registry> {
  const digests = [leak.digest, ...own].join('|')
  return startFront(registry, {
    server: `
    location / {${passTo(registry)} }
    location ~ /(${endpoints})/(${digests})$ {
      types { }
      default_type ${type};
      return ${status} '${body}';
    }`,
  })
}

async function pushBoth(registry: RegistryServer): Promise<void> {
  await push(registry, repository, stable, 'stable')
  await push(registry, repository, leak, 'debug')
}

interface Item {
  readonly digest: string
  readonly outcome: string
}

onRegistryWith('nginx', '3.1.1', (start) => {
  const everywhere = 'manifests|blobs'
  test.each<[string, Page, string]>([
    ['a page', html, everywhere],
    ['a page, for blobs only', html, 'blobs'],
    ['a page, for manifests only', html, 'manifests'],
    ['plain text and 410', { status: 410, type: 'text/plain', body: 'gone' }, everywhere],
    ['nothing at all', { status: 404, type: 'text/plain', body: '' }, everywhere],
    ['JSON with a code of its own', json(404, 'NOT_FOUND'), everywhere],
    ["JSON with another one of the registry's codes", json(404, 'NAME_UNKNOWN'), everywhere],
    ["410 with the registry's own code", json(410, 'BLOB_UNKNOWN'), everywhere],
    [
      'JSON that is no error of a registry',
      { status: 404, type: 'application/json', body: '{}' },
      everywhere,
    ],
  ])(
    'a gateway that answers 404 or 410 for the leak itself is not the registry: %s',
    async (_what, page, endpoints) => {
      const registry = await start(plain)
      await pushBoth(registry)
      const front = await startGateway(registry, page, endpoints)
      const blocked = own.map((digest) => `blobs/${digest}`)
      if (endpoints !== 'blobs') blocked.push(`manifests/${leak.digest}`)
      const run = await purge(front, { image: `${repository}:debug`, ...short })

      const served = await statusOf(registry, repository, asked)
      const repositories = run.report.repositories as { manifests: Item[]; blobs: Item[] }[]
      const items = repositories.flatMap(({ manifests, blobs }) => [...manifests, ...blobs])
      const claimed = items.filter(
        ({ digest, outcome }) =>
          outcome === 'deleted' &&
          (served[`blobs/${digest}`] === 200 || served[`manifests/${digest}`] === 200),
      )
      expect(Object.values(served)).toContain(200)
      expect(['incomplete', 'refused']).toContain(run.result)
      expect(claimed).toEqual([])
      expect(run.digests.filter((digest) => served[`blobs/${digest}`] === 200)).toEqual([])
      await expectPulls(registry, repository, { stable: stable.digest })
    },
  )

  test('a gateway that puts its page in place of every 404 to a GET is no obstacle', async () => {
    const registry = await start(plain)
    await pushBoth(registry)
    const front = await startFront(registry, {
      server: `
    error_page 418 = @get;
    location / {
      if ($request_method = GET) { return 418; }${passTo(registry)}
    }
    location @get {${passTo(registry)}
      proxy_intercept_errors on;
      error_page 404 @page;
    }
    location @page {
      types { }
      default_type ${html.type};
      return 404 '${html.body}';
    }`,
    })
    const run = await purge(front, { image: `${repository}:debug`, 'shared-blobs': 'keep' })
    expectResult(run, 'purged')
    await expectGone(registry, repository, asked)
    await expectPulls(front, repository, { stable: stable.digest })
  })

  const notFound = json(404, 'NOT_FOUND')
  const locked = json(409, 'TAG_IMMUTABLE')
  const path = `/v2/${repository}`

  /** nginx that answers for one path itself, for one method. */
  const startBlocking = (
    registry: RegistryServer,
    at: string,
    method: string,
    { status, type, body }: Page,
  ) =>
    startFront(registry, {
      server: `
    error_page 418 = @registry;
    location / {${passTo(registry)} }
    location = ${at} {
      types { }
      default_type ${type};
      if ($request_method != ${method}) { return 418; }
      return ${status} '${body}';
    }
    location @registry {${passTo(registry)} }`,
    })

  test.each([
    ['the tag list', `${path}/tags/list`, `${repository}@${leak.digest}`],
    ['a tag that stays', `${path}/manifests/stable`, `${repository}:debug`],
  ])('a gateway that says NOT_FOUND for %s hides nothing that is needed', async (_, at, image) => {
    const registry = await start(plain)
    await pushBoth(registry)
    const front = await startBlocking(registry, at, 'GET', notFound)
    expectResult(await purge(front, { image, ...short }), 'refused')
    await expectPulls(registry, repository, { stable: stable.digest, debug: leak.digest })
  })

  test('a manifest that is locked keeps its blobs, and the run ends at once', async () => {
    const registry = await start(plain)
    await pushBoth(registry)
    const front = await startBlocking(registry, `${path}/manifests/${leak.digest}`, 'DELETE', locked)
    const run = await purge(front, { image: `${repository}:debug`, 'shared-blobs': 'keep' })
    expectResult(run, 'incomplete')
    expect(run.errors).toContain('409 TAG_IMMUTABLE')
    expect(run.errors).not.toMatch(/cache|replica/)
    const served = await statusOf(registry, repository, asked)
    expect(own.map((digest) => served[`blobs/${digest}`])).toEqual(own.map(() => 200))
    await expectPulls(registry, repository, { stable: stable.digest })
  })

  test('an image whose config has another media type is another name of the leak', async () => {
    const registry = await start(plain)
    await pushBoth(registry)
    const manifest = JSON.parse(Buffer.from(leak.bytes).toString()) as { config: { mediaType: string } }
    manifest.config.mediaType = 'application/vnd.acme.config.v1+json'
    const other = { ...leak, ...content(JSON.stringify(manifest)), mediaType: leak.mediaType }
    await push(registry, repository, other, 'other')
    const run = await purge(registry, { image: `${repository}:debug`, 'shared-blobs': 'keep' })
    expectResult(run, 'refused')
    expect(run.errors).toContain(`${repository}:other`)
    await expectPulls(registry, repository, { debug: leak.digest, other: other.digest })
  })
})
