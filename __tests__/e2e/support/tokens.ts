import { expect } from '@jest/globals'
import { join } from 'node:path'
import { pushScene, type Scene } from '../../../testbed/images/scene.js'
import {
  startTokenServer,
  type TokenServer,
  type TokenSettings,
} from '../../../testbed/serve/token-server.js'
import { authority, folderFor, later, type Registry, type Run, type Start } from './support.js'

export const USER = 'robot'
export const PASSWORD = 'hunter2 & söhne'

/** A registry whose clients need a token, with the reference scene in it. */
export interface TokenScene {
  readonly registry: Registry
  readonly tokens: TokenServer
  readonly scene: Scene
  readonly image: string
  /** The same storage without authentication, to look from behind. */
  readonly behind: Registry
}

/**
 * Starts a registry with token authentication, the token service, and a second process on the same storage that asks
 * for nothing, through which the scene is pushed.
 *
 * @param settings of the token service; its one user may pull, push and delete
 */
export async function startTokenScene(
  start: Start,
  settings: Partial<TokenSettings> = {},
  plainService = false,
): Promise<TokenScene> {
  const folder = await folderFor('tokens')
  const tokens = await startTokenServer({
    folder: join(folder, 'signer'),
    ...(!plainService && { tls: await authority() }),
    users: { [USER]: { password: PASSWORD, actions: ['pull', 'push', 'delete'] } },
    ...settings,
  })
  later(() => tokens.stop())
  const storage = { rootDirectory: join(folder, 'data'), secret: 'shared by both' }
  const behind = await start({ ...storage, basic: false, tls: undefined })
  const scene = await pushScene(behind)
  const server = await start({ ...storage, auth: tokens.auth })
  const registry = { url: server.url, ca: server.ca, auth: { username: USER, password: PASSWORD } }
  return { registry, tokens, scene, image: `${scene.repository}:${scene.leak.tag}`, behind }
}

/** No token of this service stands in anything that a run wrote, but where the runner is told to mask it. */
export function expectNoToken(run: Run, { issued }: TokenServer): void {
  const written = [
    run.log.replace(/^::add-mask::.*$/gm, ''),
    run.summary,
    JSON.stringify(run.report),
    JSON.stringify(run.outputs),
  ].join('\n')
  for (const token of issued) {
    expect(written).not.toContain(token)
    expect(written).not.toContain(token.split('.').at(-1))
    expect(run.output.masks).toContain(token)
  }
}
