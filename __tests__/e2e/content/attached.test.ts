import { expect, test } from '@jest/globals'
import { request } from '../../../testbed/http.js'
import {
  artifact,
  sbomOf,
  signature,
  signatureOf,
  signatureTag,
  type CosignKind,
} from '../../../testbed/images/artifacts.js'
import { content, EMPTY_CONFIG } from '../../../testbed/images/content.js'
import type { Image } from '../../../testbed/images/image.js'
import { ociIndex, referrersIndex, referrersTag } from '../../../testbed/images/indexes.js'
import { platformIndex } from '../../../testbed/images/platforms.js'
import { pullsCompletely } from '../../../testbed/images/pull.js'
import { push } from '../../../testbed/images/push.js'
import { listReferrers, pushReferrer } from '../../../testbed/images/referrers.js'
import { readyBlock } from '../support/ready-lines.js'
import { expectGone, expectPulls, expectServed } from '../support/registry-state.js'
import { deletesOf, startBalancer } from '../support/round-robin.js'
import { imageOf, layerOf, treeOf } from '../support/scenes.js'
import {
  expectResult,
  implementations,
  onRegistry,
  plain,
  purge,
  sharedRegistry,
  type Registry,
  type Run,
} from '../support/support.js'

const kinds: readonly CosignKind[] = ['sig', 'att', 'sbom']
const base = layerOf('base').digest
const leak = imageOf('base', 'secret')
const keep = imageOf('base', 'app')

/** What hangs on an image: its tags with their manifests, and referrers that no tag names. */
interface Hanging {
  readonly tags: Record<string, Image>
  readonly referrers: Image[]
}

/** Pushes an image with a bill of materials, the signature of that, and all that cosign keeps under tags. */
async function pushSigned(
  registry: Registry,
  repository: string,
  image: Image,
  tag: string,
): Promise<Hanging> {
  await push(registry, repository, image, tag)
  const sbom = sbomOf(image)
  const signed = signatureOf(sbom)
  for (const each of [sbom, signed]) await pushReferrer(registry, repository, each)
  const tags: Record<string, Image> = { [tag]: image }
  for (const kind of kinds) {
    const made = signature('cosign', image, kind)
    tags[signatureTag(image.digest, kind)] = made
    await push(registry, repository, made, signatureTag(image.digest, kind))
  }
  const lists = await pushedLists(registry, repository, [
    [image, sbom],
    [sbom, signed],
  ])
  return { tags: { ...tags, ...lists }, referrers: [sbom, signed] }
}

/** The lists of referrers that `pushReferrer` left under tags, where the registry has no interface for them. */
async function pushedLists(
  registry: Registry,
  repository: string,
  pairs: readonly (readonly [subject: Image, referrer: Image])[],
): Promise<Record<string, Image>> {
  const lists: Record<string, Image> = {}
  for (const [subject, referrer] of pairs) {
    const pulled = await pullsCompletely(registry, repository, referrersTag(subject.digest))
    if (pulled.digest === undefined) continue
    const list = { ...referrersIndex([referrer]), digest: pulled.digest }
    lists[referrersTag(subject.digest)] = list
  }
  return lists
}

const digestsOf = (tags: Record<string, Image>): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([tag, { digest }]) => [tag, digest]))

/** Everything below these, without the empty config and what stays. */
function all(manifests: readonly Image[], stays: readonly string[] = [base]) {
  const trees = manifests.map(treeOf)
  return {
    manifests: [...new Set(trees.flatMap((tree) => tree.manifests))],
    blobs: [...new Set(trees.flatMap((tree) => tree.blobs))].filter(
      (digest) => digest !== EMPTY_CONFIG.digest && !stays.includes(digest),
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
        await push(registry(), repository, list, referrersTag(leak.digest))
        gone.tags[referrersTag(leak.digest)] = list
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
      expect((await listReferrers(registry(), repository, keep.digest)).listed).toMatchObject([
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
      const signed = signatureOf(index)
      await push(registry(), repository, index, 'leak')
      await pushReferrer(registry(), repository, sbom)
      await pushReferrer(registry(), repository, signed, 'sigtag')
      const cosigned = signature('cosign', child, 'sig')
      await push(registry(), repository, cosigned, signatureTag(child.digest, 'sig'))
      await push(registry(), repository, keep, 'keep')
      const lists = await pushedLists(registry(), repository, [
        [child, sbom],
        [index, signed],
      ])
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const goes = all([index, sbom, signed, cosigned, ...Object.values(lists)])
      expect(run.digests).toEqual(sorted(goes))
      const tags = ['leak', 'sigtag', signatureTag(child.digest, 'sig'), ...Object.keys(lists)]
      expect(tags).toHaveLength(hasInterface ? 3 : 5)
      await expectGone(registry(), repository, { tags, ...goes })
      await expectPulls(registry(), repository, { keep: keep.digest })
    })

    test('a blob that bills of materials of both images share stays, and is listed as kept', async () => {
      const repository = 'attached/shared-blob'
      const common = content('packages of the base')
      const boms = [leak, keep].map((subject) =>
        artifact('bom', {
          artifactType: 'application/spdx+json',
          layers: [common, content(`packages of ${subject.digest}`)],
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
      await expectGone(registry(), repository, { tags: ['leak', referrersTag(leak.digest)], ...goes })
      await expectPulls(registry(), repository, { keep: keep.digest, [kept.digest]: kept.digest })
    })

    test('a tag that merely looks as if it belonged to the image stays', async () => {
      const repository = 'attached/alike'
      const nothing = { ...leak, digest: `sha256:${'0'.repeat(64)}` }
      const tags = {
        keep,
        [referrersTag(nothing.digest)]: referrersIndex([sbomOf(keep)]),
        [signatureTag(nothing.digest, 'sig')]: signature('cosign', keep, 'sig'),
        [`${referrersTag(leak.digest)}.asc`]: signature('cosign', keep, 'att'),
        [`x${signatureTag(leak.digest, 'sig')}`]: signature('cosign', keep, 'sbom'),
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
      await push(registry(), repository, list, referrersTag(leak.digest))
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const goes = all([leak])
      expect(run.digests).toEqual(sorted(goes))
      await expectGone(registry(), repository, { tags: ['leak'], ...goes })
      await expectPulls(registry(), repository, {
        keep: keep.digest,
        [referrersTag(leak.digest)]: list.digest,
      })
      expect(run.kept).toContain(boms[0].digest)
      const [entry] = run.report.repositories
      expect(entry.warnings.join('\n')).toContain(
        `${referrersTag(leak.digest)} belongs to the image, but also serves something that stays`,
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
        await push(registry(), repository, signature('cosign', each, 'sig'), signatureTag(each.digest, 'sig'))
      const run = await purge(registry(), { image: `${repository}:leak` })

      expectResult(run, 'purged')
      const needed = [shared, kept, referrers[1]]
      const stays = needed.flatMap((each) => treeOf(each).blobs)
      const goes = all([own, referrers[0], referrers[2], signature('cosign', own, 'sig')], stays)
      await expectGone(registry(), repository, {
        tags: [
          'leak',
          referrersTag(leaked.digest),
          referrersTag(own.digest),
          signatureTag(own.digest, 'sig'),
        ],
        manifests: [leaked.digest, ...goes.manifests],
        blobs: goes.blobs,
      })
      await expectPulls(registry(), repository, {
        keep: kept.digest,
        [referrers[1].digest]: referrers[1].digest,
        [signatureTag(shared.digest, 'sig')]: signature('cosign', shared, 'sig').digest,
      })
      expect((await listReferrers(registry(), repository, shared.digest)).listed).toMatchObject([
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
    const tags = {
      keep,
      [referrersTag(keep.digest)]: index,
      [signatureTag(keep.digest, 'sig')]: signature('cosign', keep, 'sig'),
    }
    for (const [tag, image] of Object.entries(tags)) await push(registry, 'attached/others', image, tag)
    await push(registry, 'attached/others', leak, 'leak')
    const run = await purge(registry, { image: 'attached/others:leak' })

    expectResult(run, 'purged')
    await expectGone(registry, 'attached/others', { tags: ['leak'], manifests: [leak.digest] })
    await expectPulls(registry, 'attached/others', digestsOf(tags))
  })
})
