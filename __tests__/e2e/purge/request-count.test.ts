import { expect, test } from '@jest/globals'
import { pushScene } from '../../../testbed/images/scene.js'
import { expectResult, onRegistry, purge, versions } from '../support/support.js'

for (const version of versions) {
  onRegistry(version, (start) => {
    test('the reference scene costs the smallest number of requests of a safe and verified purge', async () => {
      const registry = await start()
      const { repository, leak, tags } = await pushScene(registry)
      const run = await purge(registry, { image: `${repository}:${leak.tag}`, 'verify-attempts': '1' })

      expectResult(run, 'purged')
      // N = 4L + T + n + Tp + C + 2 + 1 + U + R + m + b + k(n + 2m + b + 3) + V + b of the fixture, where
      const [L, C, n, m, b, k] = [1, 0, 1, 1, leak.ownBlobs.length, 1]
      const T = Object.keys(tags).length
      const Tp = T - n
      const roots = 1
      // config, base, runtime and app of latest (stable is the same), and config and app of both versions
      const stayingBlobs = 4 + 2 + 2
      const U = version.startsWith('2.') ? 0 : n
      const N =
        4 * L + T + n + Tp + C + 2 + 1 + U + roots + m + b + k * (n + 2 * m + b + 3) + Tp + stayingBlobs + b
      const attempts = n - U
      const referrers = 1
      // Whether a list in the order of names hides tags, one request tells. 2.x lists in the order of its directory.
      const walk = version.startsWith('2.') ? Number(run.report.requests['list-tags'] === 4 * L + 1) : 1
      expect(run.report.requests).toEqual({
        'list-tags': 4 * L + walk,
        'read-tag': T + n + Tp + Tp,
        probe: 2,
        'read-referrers': referrers,
        'delete-tag': U + attempts,
        'look-up': roots,
        'delete-manifest': m,
        'delete-blob': b,
        verify: k * (n + 2 * m + b),
        'last-check': b,
        control: 3 * k,
        'check-blob': 1 + stayingBlobs,
      })
      const counts = Object.values(run.report.requests as Record<string, number>)
      expect(counts.reduce((sum, each) => sum + each, 0)).toBe(N + attempts + referrers + walk)
    })
  })
}
