import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../../../testbed/http.js'
import { pushScene } from '../../../testbed/images/scene.js'
import { expectPulls, statusOf } from '../support/registry-state.js'
import { startServer } from '../support/round-robin.js'
import { others } from '../support/scenes.js'
import { expectResult, folderFor, onRegistry, purge } from '../support/support.js'

for (const version of ['3.1.1', '2.8.2'] as const) {
  onRegistry(version, (start) => {
    test('where blobs come from a storage by redirect, no credentials go there and the proof holds', async () => {
      const root = await folderFor('data')
      const asked: { method: string; authorization: string | undefined }[] = []
      const storage = await startServer(({ method = '', url = '/', headers }, answer) => {
        asked.push({ method, authorization: headers.authorization })
        const path = join(root, decodeURIComponent(new URL(url, 'http://storage').pathname))
        try {
          const bytes = readFileSync(path)
          answer.writeHead(200, { 'content-length': bytes.length }).end(method === 'HEAD' ? undefined : bytes)
        } catch {
          answer.writeHead(404).end()
        }
      })
      const plain = { tls: undefined, rootDirectory: root }
      const writer = await start(plain)
      const scene = await pushScene(writer)
      const { repository, leak } = scene
      const registry = await start({ ...plain, redirectBase: `${storage.url}/` })
      expect(Object.values(await statusOf(registry, repository, { blobs: leak.layers }))).toEqual(
        leak.layers.map(() => 307),
      )
      const run = await purge(registry, { image: `${repository}:${leak.tag}` })

      expectResult(run, 'purged')
      expect(run.kept).toEqual([...leak.sharedBlobs].sort())
      expect(asked.length).toBeGreaterThan(0)
      expect(asked.filter(({ authorization }) => authorization !== undefined)).toEqual([])
      const gone = await statusOf(registry, repository, { manifests: [leak.digest], blobs: leak.ownBlobs })
      expect(new Set(Object.values(gone))).toEqual(new Set([404]))
      await expectPulls(writer, repository, others(scene))
    })

    test('a redirect from https to plain http is not followed, and refuses before the first write', async () => {
      const root = await folderFor('data')
      const scene = await pushScene(await start({ rootDirectory: root }))
      const storage = await startServer((_, answer) => answer.end())
      const registry = await start({ rootDirectory: root, redirectBase: `${storage.url}/` })
      const { repository, leak } = scene
      const { url, ca, auth } = registry
      const blob = await request({ url: `${url}/v2/${repository}/blobs/${leak.config}`, ca, auth })
      expect(blob.headers.location).toContain(storage.url)
      const run = await purge(registry, { image: `${repository}:${leak.tag}`, 'verify-timeout': '1s' })
      expect(storage.sockets()).toBe(0)
      expectResult(run, 'refused')
      expect(run.errors).toContain(`its storage at ${new URL(storage.url).host}`)
      expect(run.errors).toContain('plain http after https')
      expect(run.errors).toContain('storage.redirect.disable: true')
      const left = await statusOf(registry, repository, { tags: [leak.tag], blobs: leak.layers })
      expect(new Set(Object.values(left))).toEqual(new Set([200, 307]))
    })
  })
}
