import { expect, test } from '@jest/globals'
import { cosignImage, cosignTag, sbomOf, signatureOf, type CosignKind } from '../../scripts/lib/attached.js'
import {
  blob,
  emptyConfig,
  ociArtifact,
  ociIndex,
  referrersTag,
  type ImageManifest,
} from '../../scripts/lib/image.js'
import { platformIndex } from '../../scripts/lib/platforms.js'
import { pullsCompletely } from '../../scripts/lib/pull.js'
import { request } from '../../scripts/lib/http.js'
import { push } from '../../scripts/lib/push.js'
import { listReferrers, pushReferrer, referrersIndex } from '../../scripts/lib/referrers.js'
import { readyBlock } from './ready-lines.js'
import { expectGone, expectPulls, expectServed } from './registry-state.js'
import { deletesOf, startBalancer } from './round-robin.js'
import { imageOf, layerOf, treeOf } from './scenes.js'
import {
  expectResult,
  implementations,
  onRegistry,
  plain,
  purge,
  sharedRegistry,
  type Registry,
  type Run,
} from './support.js'

const kinds: readonly CosignKind[] = ['sig', 'att', 'sbom']
const base = layerOf('base').digest
const leak = imageOf('base', 'secret')
const keep = imageOf('base', 'app')

/** What hangs on an image: its tags with their manifests, and referrers that no tag names. */
interface Hanging {
  readonly tags: Record<string, ImageManifest>
  readonly referrers: ImageManifest[]
}

/** Pushes an image with a bill of materials, the signature of that, and all that cosign keeps under tags. */
async function pushSigned(
  registry: Registry,
  repository: string,
  image: ImageManifest,
  tag: string,
): Promise<Hanging> {
  await push(registry, repository, image, tag)
  const sbom = sbomOf(image)
  const signature = signatureOf(sbom)
  for (const each of [sbom, signature]) await pushReferrer(registry, repository, each)
  const tags: Record<string, ImageManifest> = { [tag]: image }
  for (const kind of kinds) {
    const made = cosignImage(image, kind)
    tags[cosignTag(image, kind)] = made
    await push(registry, repository, made, cosignTag(image, kind))
  }
  const lists = await pushedLists(registry, repository, [
    [image, sbom],
    [sbom, signature],
  ])
  return { tags: { ...tags, ...lists }, referrers: [sbom, signature] }
}

/** The lists of referrers that `pushReferrer` left under tags, where the registry has no interface for them. */
async function pushedLists(
  registry: Registry,
  repository: string,
  pairs: readonly (readonly [subject: ImageManifest, referrer: ImageManifest])[],
): Promise<Record<string, ImageManifest>> {
  const lists: Record<string, ImageManifest> = {}
  for (const [subject, referrer] of pairs) {
    const pulled = await pullsCompletely(registry, repository, referrersTag(subject))
    if (pulled.digest === undefined) continue
    const list = { ...referrersIndex([referrer]), digest: pulled.digest }
    lists[referrersTag(subject)] = list
  }
  return lists
}

const digestsOf = (tags: Record<string, ImageManifest>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([tag, { digest }]) => [tag, digest]))

/** Everything below these, without the empty config and what stays. */
function all(manifests: readonly ImageManifest[], stays: readonly string[] = [base]) {
  const trees = manifests.map(treeOf)
  return {
    manifests: [...new Set(trees.flatMap((tree) => tree.manifests))],
    blobs: [...new Set(trees.flatMap((tree) => tree.blobs))].filter(
      (digest) => digest !== emptyConfig.digest && !stays.includes(digest),
    ),
  }
}

const sorted = ({ manifests, blobs }: { manifests: string[]; blobs: string[] }): string[] =>
  [...manifests, ...blobs].sort()

const outcomes = (run: Run): string[] => {
  const [entry] = run.report.repositories
  const contents = [...entry.tags, ...entry.manifests, ...entry.blobs] as { outcome: string }[]
  return [...new Set(contents.map(({ outcome }) => outcome))]
}

for (const kind of implementations) {
  onRegistry(kind, (start) => {
    const registry = sharedRegistry(start, plain)
    const hasInterface = kind === 'olareg'

    test('signatures, bills of materials and their signatures go with the image; those of another stay', async () => {
      const repository = 'attached/all'
      const gone = await pushSigned(registry(), repository, leak, 'leak')
      const stays = await pushSigned(registry(), repository, keep, 'keep')
      if (hasInterface) {
        // Both can stand side by side: a client that knows no interface was here as well.
        const list = referrersIndex(gone.referrers.slice(0, 1))
        await push(registry(), repository, list, referrersTag(leak))
        gone.tags[referrersTag(leak)] = list
      }
      expect(Object.keys(gone.tags)).toHaveLength(hasInterface ? 5 : 6)
      const balancer = await startBalancer([registry()])
      const run = await purge(balancer, { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const { manifests, blobs } = all([...Object.values(gone.tags), ...gone.referrers])
      expect(run.digests).toEqual(sorted({ manifests, blobs }))
      expect(run.kept).toEqual([base])
      await expectGone(registry(), repository, { tags: Object.keys(gone.tags), manifests, blobs })
      await expectPulls(registry(), repository, {
        ...digestsOf(stays.tags),
        ...Object.fromEntries(stays.referrers.map(({ digest }) => [digest, digest])),
      })
      await expectServed(registry(), repository, all(stays.referrers).blobs)
      expect((await listReferrers(registry(), repository, keep)).listed).toMatchObject([
        { digest: stays.referrers[0]?.digest },
      ])
      const tags = run.report.repositories[0].tags as { tag: string }[]
      expect(tags.map(({ tag }) => tag).sort()).toEqual(Object.keys(gone.tags).sort())

      // What is attached goes before what it is attached to, and no blob of it is asked for by HEAD.
      const chain = [...gone.referrers.toReversed(), leak].map(({ digest }) => digest)
      const sent = deletesOf(balancer.seen, chain).map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
      expect(sent.filter((digest, at) => sent.indexOf(digest) === at)).toEqual(chain)
      const purged = new Set([...blobs, ...manifests, base])
      const heads = balancer.seen.filter(
        ({ method, path }) => method === 'HEAD' && purged.has(path.slice(path.lastIndexOf('/') + 1)),
      )
      expect(heads).toEqual([])

      const second = await purge(registry(), readyBlock(run))
      expectResult(second, 'purged')
      expect(second.digests).toEqual(run.digests)
      expect(outcomes(second)).toEqual(['already-gone'])
    })

    test('what refers to a child of the leaked index goes, under an ordinary tag, too', async () => {
      const repository = 'attached/child'
      const { index, images } = platformIndex('multi', { shared: [layerOf('base')] })
      const [child = index] = images
      const sbom = sbomOf(child)
      const signature = signatureOf(index)
      await push(registry(), repository, index, 'leak')
      await pushReferrer(registry(), repository, sbom)
      await pushReferrer(registry(), repository, signature, 'sigtag')
      const cosigned = cosignImage(child, 'sig')
      await push(registry(), repository, cosigned, cosignTag(child, 'sig'))
      await push(registry(), repository, keep, 'keep')
      const lists = await pushedLists(registry(), repository, [
        [child, sbom],
        [index, signature],
      ])
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const goes = all([index, sbom, signature, cosigned, ...Object.values(lists)])
      expect(run.digests).toEqual(sorted(goes))
      const tags = ['leak', 'sigtag', cosignTag(child, 'sig'), ...Object.keys(lists)]
      expect(tags).toHaveLength(hasInterface ? 3 : 5)
      await expectGone(registry(), repository, { tags, ...goes })
      await expectPulls(registry(), repository, { keep: keep.digest })
    })

    test('a blob that bills of materials of both images share stays, and is listed as kept', async () => {
      const repository = 'attached/shared-blob'
      const common = blob('packages of the base')
      const boms = [leak, keep].map((subject) =>
        ociArtifact({
          artifactType: 'application/spdx+json',
          layers: [common, blob(`packages of ${subject.digest}`)],
          subject,
        }),
      )
      const [leaked = leak, kept = keep] = boms
      await push(registry(), repository, leak, 'leak')
      await push(registry(), repository, keep, 'keep')
      for (const each of boms) await pushReferrer(registry(), repository, each)
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      expect(run.kept).toEqual([base, common.digest].sort())
      const held = run.report.repositories[0].kept as { digest: string; heldBy: string[] }[]
      expect(held.find(({ digest }) => digest === common.digest)?.heldBy).toContain('keep')
      const goes = all([leak, leaked], [base, common.digest])
      await expectGone(registry(), repository, { tags: ['leak', referrersTag(leak)], ...goes })
      await expectPulls(registry(), repository, { keep: keep.digest, [kept.digest]: kept.digest })
    })

    test('a tag that merely looks as if it belonged to the image stays', async () => {
      const repository = 'attached/alike'
      const nothing = { ...leak, digest: `sha256:${'0'.repeat(64)}` }
      const tags = {
        keep,
        [referrersTag(nothing)]: referrersIndex([sbomOf(keep)]),
        [cosignTag(nothing, 'sig')]: cosignImage(keep, 'sig'),
        [`${referrersTag(leak)}.asc`]: cosignImage(keep, 'att'),
        [`x${cosignTag(leak, 'sig')}`]: cosignImage(keep, 'sbom'),
      }
      for (const [tag, image] of Object.entries(tags)) await push(registry(), repository, image, tag)
      await push(registry(), repository, leak, 'leak')
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const goes = all([leak])
      expect(run.digests).toEqual(sorted(goes))
      await expectGone(registry(), repository, { tags: ['leak'], ...goes })
      await expectPulls(registry(), repository, digestsOf(tags))
    })

    test('a list of referrers that serves a remaining image as well stays, with all it needs', async () => {
      const repository = 'attached/mixed'
      const boms = [sbomOf(leak), sbomOf(keep)] as const
      const list = referrersIndex([...boms])
      await push(registry(), repository, keep, 'keep')
      await push(registry(), repository, leak, 'leak')
      await push(registry(), repository, list, referrersTag(leak))
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const goes = all([leak])
      expect(run.digests).toEqual(sorted(goes))
      await expectGone(registry(), repository, { tags: ['leak'], ...goes })
      await expectPulls(registry(), repository, { keep: keep.digest, [referrersTag(leak)]: list.digest })
      expect(run.kept).toContain(boms[0].digest)
      const [entry] = run.report.repositories
      expect(entry.warnings.join('\n')).toContain(
        `${referrersTag(leak)} belongs to the image, but serves something that stays as well`,
      )
      expect(run.summary).toMatch(/^## .*STILL SERVED, held by .*sha256-/)
    })

    test('a child that a remaining index lists keeps what is attached to it', async () => {
      const repository = 'attached/shared-child'
      const [own, shared] = [imageOf('base', 'x1'), imageOf('base', 'x2')]
      const [leaked, kept] = [ociIndex([own, shared]), ociIndex([shared])]
      await push(registry(), repository, leaked, 'leak')
      await push(registry(), repository, kept, 'keep')
      const referrers = [signatureOf(own), signatureOf(shared), signatureOf(leaked)] as const
      for (const each of referrers) await pushReferrer(registry(), repository, each)
      for (const each of [own, shared])
        await push(registry(), repository, cosignImage(each, 'sig'), cosignTag(each, 'sig'))
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const needed = [shared, kept, referrers[1]]
      const stays = needed.flatMap((each) => treeOf(each).blobs)
      const goes = all([own, referrers[0], referrers[2], cosignImage(own, 'sig')], stays)
      await expectGone(registry(), repository, {
        tags: ['leak', referrersTag(leaked), referrersTag(own), cosignTag(own, 'sig')],
        manifests: [leaked.digest, ...goes.manifests],
        blobs: goes.blobs,
      })
      await expectPulls(registry(), repository, {
        keep: kept.digest,
        [referrers[1].digest]: referrers[1].digest,
        [cosignTag(shared, 'sig')]: cosignImage(shared, 'sig').digest,
      })
      expect((await listReferrers(registry(), repository, shared)).listed).toMatchObject([
        { digest: referrers[1].digest },
      ])
    })
  })
}

for (const kind of ['3.1.1', 'olareg'] as const) {
  onRegistry(kind, (start) => {
    test('when a run was lost after it had deleted the tags, its lines still find all that was attached', async () => {
      const registry = await start(plain)
      const repository = 'attached/lost'
      const { tags } = await pushSigned(registry, repository, leak, 'leak')
      await push(registry, repository, keep, 'keep')
      const planned = await purge(registry, { image: `${repository}:leak`, 'dry-run': 'true' })
      for (const tag of Object.keys(tags)) {
        const { url, auth } = registry
        const path = `${url}/v2/${repository}/manifests/${tag}`
        expect((await request({ url: path, method: 'DELETE', auth })).status).toBe(202)
      }
      const run = await purge(registry, readyBlock(planned))
      expectResult(run, 'purged')
      expect(run.digests).toEqual(planned.digests)
      const blobs = run.digests.filter((digest) => digest !== leak.digest)
      await expectGone(registry, repository, { manifests: [leak.digest], blobs })
      await expectPulls(registry, repository, { keep: keep.digest })
    })
  })
}

onRegistry('3.0.0', (start) => {
  test('what belongs to another image by its name or subject is no obstacle, and stays', async () => {
    const registry = await start(plain)
    const index = ociIndex([sbomOf(keep)])
    const tags = { keep, [referrersTag(keep)]: index, [cosignTag(keep, 'sig')]: cosignImage(keep, 'sig') }
    for (const [tag, image] of Object.entries(tags)) await push(registry, 'attached/others', image, tag)
    await push(registry, 'attached/others', leak, 'leak')
    const run = await purge(registry, { image: 'attached/others:leak' })

    expectResult(run, 'purged')
    await expectGone(registry, 'attached/others', { tags: ['leak'], manifests: [leak.digest] })
    await expectPulls(registry, 'attached/others', digestsOf(tags))
  })
})
