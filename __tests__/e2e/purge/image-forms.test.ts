import { expect, test } from '@jest/globals'
import { artifact, attestation } from '../../../testbed/images/artifacts.js'
import { content, EMPTY_CONFIG } from '../../../testbed/images/content.js'
import { dockerImage, ociImage, type Image } from '../../../testbed/images/image.js'
import { dockerList, ociIndex } from '../../../testbed/images/indexes.js'
import { OCI_EMPTY } from '../../../testbed/images/media-types.js'
import { push } from '../../../testbed/images/push.js'
import { expectGone, expectPulls, expectServed } from '../support/registry-state.js'
import { deletesOf, startBalancer } from '../support/round-robin.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import { expectResult, lines, onRegistry, purge, sharedRegistry, type Registry } from '../support/support.js'

const layers = (name: string) => [layerOf('base'), layerOf(`${name} secret`)]
const arm = { os: 'linux', architecture: 'arm64' }
const amd = ociImage('amd64', { layers: layers('amd64') })
const inner = ociIndex([amd, ociImage('arm64', { layers: layers('arm64'), platform: arm })])
const nested = ociIndex([inner, ociImage('other', { layers: layers('other') })])

const forms: Record<string, Image> = {
  'a Docker image': dockerImage('docker', { layers: layers('docker') }),
  'an OCI image': ociImage('oci', { layers: layers('oci') }),
  'a Docker list of two platforms': dockerList([
    dockerImage('amd64', { layers: layers('amd64') }),
    dockerImage('arm64', { layers: layers('arm64'), platform: arm }),
  ]),
  'an OCI index of two platforms': inner,
  'an OCI index without a media type in it': ociIndex([amd], { mediaType: false }),
  'an index in an index': nested,
  'an index with an attestation': ociIndex([amd, attestation('amd64', amd)]),
  'an artifact with the empty config': artifact('dump', {
    artifactType: 'application/vnd.acme.dump',
    layers: [content('a dump with a secret in it')],
  }),
}

const base = layerOf('base').digest
const keep = imageOf('base', 'app')
const repositoryOf = (form: string): string => `forms/${form.toLowerCase().replaceAll(' ', '-')}`

/** What goes: all but the base layer, which `keep` shares, and the empty config. */
function goes(leak: Image): { manifests: string[]; blobs: string[] } {
  const { manifests, blobs } = treeOf(leak)
  return { manifests, blobs: blobs.filter((digest) => digest !== base && digest !== EMPTY_CONFIG.digest) }
}

async function pushForm(registry: Registry, form: string, leak: Image): Promise<void> {
  await push(registry, repositoryOf(form), leak, 'leak')
  await push(registry, repositoryOf(form), keep, 'keep')
}

async function expectPurged(registry: Registry, form: string, leak: Image): Promise<void> {
  await expectGone(registry, repositoryOf(form), { tags: ['leak'], ...goes(leak) })
  await expectPulls(registry, repositoryOf(form), { keep: keep.digest })
}

for (const version of ['3.1.1', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    const registry = sharedRegistry(start)

    test.each(Object.entries(forms))(
      '%s goes whole, and what another tag shares stays',
      async (form, leak) => {
        await pushForm(registry(), form, leak)
        const run = await purge(registry(), { image: `${repositoryOf(form)}:leak` })

        expectResult(run, 'purged')
        const { manifests, blobs } = goes(leak)
        expect(run.digests).toEqual([...manifests, ...blobs].sort())
        expect(run.kept).toEqual(treeOf(leak).blobs.filter((digest) => digest === base))
        await expectPurged(registry(), form, leak)
      },
    )
  })
}

onRegistry('3.0.0', (start) => {
  test('all forms of an image go whole in one run over as many repositories', async () => {
    const registry = await start()
    for (const [form, leak] of Object.entries(forms)) await pushForm(registry, form, leak)
    const image = lines(...Object.keys(forms).map((form) => `${repositoryOf(form)}:leak`))
    const run = await purge(registry, { image })

    expectResult(run, 'purged')
    const digests = Object.values(forms).flatMap((leak) => Object.values(goes(leak)).flat())
    expect(run.digests).toEqual([...new Set(digests)].sort())
    for (const [form, leak] of Object.entries(forms)) await expectPurged(registry, form, leak)
  })
})

for (const version of ['3.1.1', '3.0.0', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    test('the empty config that an artifact shares with everything is still served', async () => {
      const registry = await start()
      const note = artifact('note', {
        artifactType: 'application/vnd.acme.note',
        layers: [{ ...EMPTY_CONFIG, mediaType: OCI_EMPTY }],
      })
      await push(registry, 'forms/empty', note, 'leak')
      const run = await purge(registry, { image: 'forms/empty:leak' })

      expectResult(run, 'purged')
      expect({ digests: run.digests, kept: run.kept }).toEqual({ digests: [note.digest], kept: [] })
      await expectGone(registry, 'forms/empty', { tags: ['leak'], manifests: [note.digest] })
      await expectServed(registry, 'forms/empty', [EMPTY_CONFIG.digest])
    })
  })
}

onRegistry('3.1.1', (start) => {
  test('parents are deleted before their children, and manifests before blobs', async () => {
    const registry = await start()
    await push(registry, 'forms/order', nested, 'leak')
    const balancer = await startBalancer([registry])
    expectResult(await purge(balancer, { image: 'forms/order:leak' }), 'purged')

    const { manifests, blobs } = treeOf(nested)
    const deleted = deletesOf(balancer.seen, ['leak', ...manifests, ...blobs]).map(({ path }) =>
      path.slice(path.lastIndexOf('/') + 1),
    )
    const place = (reference: string): number => deleted.indexOf(reference)
    expect([place('leak'), place(nested.digest)]).toEqual([0, 1])
    for (const child of inner.children) expect(place(child.digest)).toBeGreaterThan(place(inner.digest))
    expect(Math.min(...blobs.map(place))).toBe(1 + manifests.length)
    expect(deleted).toHaveLength(1 + manifests.length + blobs.length)
  })
})
