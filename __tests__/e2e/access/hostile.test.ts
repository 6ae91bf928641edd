import { expect, test } from '@jest/globals'
import { pushScene } from '../../../testbed/images/scene.js'
import { startBalancer } from '../support/round-robin.js'
import { expectResult, onRegistry, purge } from '../support/support.js'

onRegistry('3.1.1', (start) => {
  test('a registry that sends the credentials back does not bring them into log, report or summary', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const password = registry.auth?.password ?? ''
    const echo = (authorization: string | undefined) => {
      const message = `you sent ${authorization}, which is ${password}, or ${encodeURIComponent(password)}`
      return { errors: [{ code: 'UNKNOWN', message, detail: message }] }
    }
    for (const refused of ['/tags/list', `/manifests/${leak.tag}`]) {
      const balancer = await startBalancer([registry], ({ path, headers }) =>
        path.endsWith(refused) ? { reply: 400, body: echo(headers.authorization) } : undefined,
      )
      const run = await purge(balancer, { image: `${repository}:${leak.tag}` })
      expectResult(run, 'refused')
      expect(run.errors).toContain('400 UNKNOWN')
    }
  })

  test('a registry that answers with commands for the runner gives it none', async () => {
    const registry = await start()
    const { repository, leak } = await pushScene(registry)
    const message = 'oh\n::set-env name=A::b\r\n::add-path::/evil ##[add-path]/evil\n::stop-commands::x <b>&'
    const balancer = await startBalancer([registry], ({ path }) =>
      path.endsWith(`/manifests/${leak.tag}`)
        ? { reply: 400, body: { errors: [{ code: 'UNKNOWN', message }] } }
        : undefined,
    )
    const run = await purge(balancer, { image: `${repository}:${leak.tag}` })
    expectResult(run, 'refused')
    const names = new Set(run.output.commands.map(({ name }) => name))
    expect([...names].sort()).toEqual(['add-mask', 'endgroup', 'error', 'group'])
    expect(run.summary).not.toContain('<b>')
  })
})
