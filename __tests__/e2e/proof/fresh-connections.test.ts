import { expect, test } from '@jest/globals'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { pushScene } from '../../../testbed/images/scene.js'
import { startBalancer } from '../support/round-robin.js'
import { expectResult, later, onRegistry, purge, versions, type RegistryServer } from '../support/support.js'

/** Passes bytes on to a registry, TLS and all, and counts connections. Ends with the test. */
async function startCounter(registry: RegistryServer): Promise<{ url: string; sockets: () => number }> {
  const open = new Set<Socket>()
  let accepted = 0
  const server = createServer((client) => {
    accepted += 1
    const upstream = connect(registry.port, '127.0.0.1')
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => open.delete(one))
    }
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  later(() => {
    for (const socket of open) socket.destroy()
    return new Promise((closed) => server.close(closed))
  })
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets: () => accepted }
}

for (const version of versions) {
  onRegistry(version, (start) => {
    test('each check of a purged digest has a connection of its own', async () => {
      const registry = await start()
      const { repository, leak } = await pushScene(registry)
      const image = `${repository}:${leak.tag}`
      const counter = await startCounter(registry)
      const attempts = 4
      const run = await purge(
        { ...registry, url: counter.url },
        { image, 'verify-attempts': String(attempts) },
      )

      expectResult(run, 'purged')
      const checks = 1 + 2 + leak.ownBlobs.length
      expect(run.report.requests.verify).toBe(attempts * checks)
      expect(run.report.requests['last-check']).toBe(leak.ownBlobs.length)
      expect(counter.sockets()).toBeGreaterThanOrEqual(attempts * checks + leak.ownBlobs.length)
    })
  })
}

onRegistry('3.1.1', (start) => {
  test('no connection of a check carries another request, and rounds differ in their order', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const balancer = await startBalancer([registry])
    const attempts = 6
    const image = `${repository}:${leak.tag}`
    const run = await purge(balancer, { image, 'verify-attempts': String(attempts), concurrency: '1' })
    expectResult(run, 'purged')

    // Every second round carries a query that no cache knows.
    const seen = balancer.seen.map((each) => ({
      ...each,
      path: each.path.replace(/\?registry-purge=.*$/, ''),
    }))
    const purged = [leak.tag, leak.digest, ...leak.ownBlobs]
    const isCheck = ({ path }: { path: string }) => purged.some((each) => path.endsWith(`/${each}`))
    const lastDelete = seen.findLastIndex(({ method }) => method === 'DELETE')
    const after = seen.slice(lastDelete + 1)
    // The very last question, once a blob, is another one.
    const checks = after.filter(isCheck).slice(0, -leak.ownBlobs.length)
    expect(checks.map(({ method, status }) => `${method} ${status}`)).toEqual(checks.map(() => 'GET 404'))
    const targets = [
      ...[leak.tag, leak.digest].map((each) => `/v2/${repository}/manifests/${each}`),
      ...[leak.digest, ...leak.ownBlobs].map((each) => `/v2/${repository}/blobs/${each}`),
    ].sort()
    expect(checks).toHaveLength(attempts * targets.length)
    for (const { socket } of checks) expect(seen.filter((other) => other.socket === socket)).toHaveLength(1)

    const rounds = Array.from({ length: attempts }, (_, round) =>
      checks.slice(round * targets.length, (round + 1) * targets.length).map(({ path }) => path),
    )
    for (const round of rounds) expect([...round].sort()).toEqual(targets)
    expect(new Set(rounds.map((round) => round.join(' '))).size).toBeGreaterThan(1)
    // In each round something that must be there answers 200 among them, on a fresh connection, too.
    const controls = after
      .slice(0, after.findLastIndex(isCheck) + 2)
      .filter((each) => !isCheck(each) && each.status === 200)
    expect(controls.length).toBeGreaterThanOrEqual(attempts)
  })

  test('nothing that was purged or is shared with it is ever asked for by HEAD', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const balancer = await startBalancer([registry])
    expectResult(await purge(balancer, { image: `${repository}:${leak.tag}` }), 'purged')
    const image = [leak.digest, ...leak.ownBlobs, ...leak.sharedBlobs]
    const heads = balancer.seen.filter(({ method }) => method === 'HEAD')
    expect(heads.length).toBeGreaterThan(0)
    expect(heads.filter(({ path }) => image.some((digest) => path.endsWith(digest)))).toEqual([])
    const blobs = [...leak.ownBlobs, ...leak.sharedBlobs]
    const asManifest = balancer.seen.filter(({ path }) =>
      blobs.some((digest) => path.endsWith(`/manifests/${digest}`)),
    )
    expect(asManifest).toEqual([])
  })
})
