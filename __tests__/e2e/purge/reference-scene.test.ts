import { beforeAll, expect, test } from '@jest/globals'
import { pushScene, type Scene } from '../../../testbed/images/scene.js'
import { readyBlock } from '../support/ready-lines.js'
import { expectGone, expectPulls, expectServed } from '../support/registry-state.js'
import { others } from '../support/scenes.js'
import { expectResult, onRegistry, purge, sharedRegistry, versions, type Run } from '../support/support.js'

const STEPS = ['List tags', 'Resolve', 'Plan', 'Delete tag', 'Delete manifest', 'Delete blobs', 'Verify']

for (const kind of [...versions, 'olareg'] as const) {
  onRegistry(kind, (start) => {
    const cannotUntag = kind.startsWith('2.')
    const registry = sharedRegistry(start)
    let scene: Scene
    let run: Run
    beforeAll(async () => {
      scene = await pushScene(registry())
      const { repository, leak } = scene
      run = await purge(registry(), {
        image: `${repository}:${leak.tag}`,
        reason: 'INC-2041',
        'verify-attempts': '2',
      })
    })

    test('the leak is gone on every endpoint and the four other tags pull', async () => {
      const { repository, leak } = scene
      expectResult(run, 'purged')
      expect(run.digests).toEqual([leak.digest, ...leak.ownBlobs].sort())
      expect(run.kept).toEqual([...leak.sharedBlobs].sort())
      const asked = { tags: [leak.tag], manifests: [leak.digest], blobs: leak.ownBlobs }
      await expectGone(registry(), repository, asked)
      await expectServed(registry(), repository, leak.sharedBlobs)
      await expectPulls(registry(), repository, others(scene))
    })

    test('each step is a group in the order of the contract, with one line after it', () => {
      expect(run.output.groups.map(({ title }) => title)).toEqual(STEPS)
      expect(run.output.groups.filter(({ closed }) => !closed)).toEqual([])
      const all = run.stdout.split('\n')
      const ends = all.flatMap((line, at) => (line === '::endgroup::' ? [at] : []))
      expect(ends.map((at) => /^([^:]+): ./.exec(all[at + 1] ?? '')?.[1])).toEqual(STEPS)
      for (const at of ends.slice(0, -1)) expect(all[at + 2]).toMatch(/^::group::/)
    })

    test('the log says that the manifest is still there when the tag is gone, and how a tag goes on 2.x', () => {
      const lines = run.output.groups.find(({ title }) => title === 'Delete tag')?.lines ?? []
      const still = lines.filter((line) => line.includes(`${scene.leak.digest} is still there by digest`))
      expect(still).toHaveLength(1)
      const explained = /cannot delete a tag by name .*DIGEST_INVALID.* is deleted with its manifest/
      expect(lines.some((line) => explained.test(line))).toBe(cannotUntag)
    })

    test('the report holds every digest with what became of it', () => {
      const { repository, leak } = scene
      const [entry] = run.report.repositories
      expect(run.report).toMatchObject({ registry: registry().url, reason: 'INC-2041', problems: [] })
      expect(entry).toMatchObject({ name: repository, result: 'purged', problems: [], exposed: [] })
      const way = cannotUntag
        ? { outcome: 'with-manifest', via: 'manifest' }
        : { outcome: 'deleted', via: 'tag' }
      expect(entry.tags).toMatchObject([{ tag: leak.tag, digest: leak.digest, ...way }])
      const proven = { outcome: 'deleted', verdict: 'gone' }
      expect(entry.manifests).toMatchObject([{ digest: leak.digest, ...proven, rounds: 2 }])
      // On olareg a manifest is a blob as well and has to go twice, which the first round may be the one to find out.
      const rounds = kind === 'olareg' ? expect.any(Number) : 2
      const blobs = [...leak.ownBlobs].sort().map((digest) => ({ digest, ...proven, rounds }))
      expect(entry.blobs).toMatchObject(blobs)
      const kept = entry.kept as { digest: string; heldBy: string[] }[]
      expect(kept.map(({ digest }) => digest)).toEqual([...leak.sharedBlobs].sort())
      expect(kept.filter(({ heldBy }) => !heldBy.includes('latest'))).toEqual([])
      const remaining = entry.remaining as { tag: string; digest: string; verdict: string }[]
      expect(Object.fromEntries(remaining.map(({ tag, digest }) => [tag, digest]))).toEqual(others(scene))
      expect(new Set(remaining.map(({ verdict }) => verdict))).toEqual(new Set(['intact']))
    })

    test('the summary gives the verdict first, with what is still served, and holds every digest', () => {
      const { leak } = scene
      const [verdict = ''] = run.summary.split('\n')
      expect(verdict).toMatch(/4 digests gone; 2 digests STILL SERVED, held by latest, stable/)
      for (const text of [leak.digest, ...leak.ownBlobs, ...leak.sharedBlobs, 'INC-2041'])
        expect(run.summary).toContain(text)
      expect(run.summary).toContain(run.outputs['fingerprint'])
      expect(`${run.summary}${run.log}`).not.toContain('PRIVATE_TOKEN')
    })

    test('the ready block of Plan is accepted by a second run, which proves it again', async () => {
      const { repository, leak } = scene
      const block = readyBlock(run)
      expect(block).toEqual({
        image: `${repository}:${leak.tag}@${leak.digest}`,
        blobs: [...leak.ownBlobs]
          .sort()
          .map((digest) => `${repository}@${digest}`)
          .join('\n'),
      })
      const second = await purge(registry(), block)
      expectResult(second, 'purged')
      expect(second.digests).toEqual(run.digests)
      const [entry] = second.report.repositories
      const contents = [...entry.tags, ...entry.manifests, ...entry.blobs] as { outcome: string }[]
      expect(new Set(contents.map(({ outcome }) => outcome))).toEqual(new Set(['already-gone']))
      await expectPulls(registry(), repository, others(scene))
    })
  })
}
