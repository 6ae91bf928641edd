/** A backend that sends back the password from the Authorization header, in every form, from everywhere. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { pushScene, type Scene } from '../../../testbed/images/scene.js'
import { ENCODERS, FOLDS } from '../../registry/secrets/echo/forms.js'
import { startBalancer, type Balancer, type Hook, type Reply } from '../support/round-robin.js'
import {
  expectResult,
  noWaits,
  onRegistry,
  purge,
  type RegistryServer,
  type Run,
} from '../support/support.js'
import { startTokenScene, USER } from '../support/tokens.js'

const ODD = `p&ss'w"o<r>d/1+2=3 %x`
const debug = { ...noWaits.env, RUNNER_DEBUG: '1' }
const compact = (text: string): string => text.replace(/\s+/g, '')

/** What stands for the password, in every form, and on two lines. */
function echoesOf(password: string): string[] {
  const plain = ENCODERS.map(([, encode]) => encode(password))
  return [...plain, ...FOLDS.flatMap(([, fold]) => plain.map(fold)).filter((_, at) => at % 7 === 0)]
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}

/** Everything that a run wrote anywhere, a line or a value each, as it is and with the escapes of JSON and the summary undone. */
function written(run: Run): string {
  const files = filesBelow(run.folder).map((path) => readFileSync(path, 'utf8'))
  const all = [run.stdout.replace(/^::add-mask::.*$/gm, ''), run.stderr, ...files].join('\n')
  const unescaped = all.replace(/\\(["\\`*_{}[\]()#+!|~])/g, '$1').replace(/%25/g, '%')
  const rendered = unescaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
  return compact([all, unescaped, rendered].join('\n'))
}

function expectNowhere(run: Run, password: string, echoed: readonly string[]): void {
  const text = written(run)
  for (const each of [password, ...echoed].map(compact))
    expect([each, text.includes(each)]).toEqual([each, false])
}

/** In turn in JSON, in JSON that escapes nothing, in HTML and in a text. */
function bodyOf(echoed: string, turn: number): object | string {
  const message = `no access for bob with ${echoed}!`
  return [
    { errors: [{ code: 'DENIED', message }] },
    `{"errors":[{"code":"DENIED","message":"${message}"}]}`,
    `<html><body><h1>Forbidden</h1>\n<p>${message}</p></body></html>`,
    message,
  ][turn % 4] as object | string
}

onRegistry('3.1.1', (start) => {
  interface Front {
    readonly front: Balancer
    readonly scene: Scene
    readonly echoed: string[]
  }

  /** A registry behind a front that takes another password, and echoes that where the test holds. */
  async function frontOf(
    password: string,
    echoes: (request: Parameters<Hook>[0], scene: Scene) => number | undefined,
  ): Promise<Front> {
    const registry: RegistryServer = await start()
    const scene = await pushScene(registry)
    const { username = '', password: own = '' } = registry.auth ?? {}
    const forms = echoesOf(password)
    const echoed: string[] = []
    const front = await startBalancer([registry], (request): Reply | undefined => {
      const status = echoes(request, scene)
      if (status === undefined) {
        if (request.headers.authorization !== undefined)
          request.headers.authorization = `Basic ${Buffer.from(`${username}:${own}`).toString('base64')}`
        return undefined
      }
      const form = forms[echoed.length % forms.length] ?? ''
      echoed.push(form)
      return { reply: status, body: bodyOf(form, echoed.length) }
    })
    return { front, scene, echoed }
  }

  const purgeAt = (
    { front, scene }: Front,
    password: string,
    more: Record<string, string> = {},
  ): Promise<Run> =>
    purge(
      front,
      {
        image: `${scene.repository}:${scene.leak.tag}`,
        username: 'bob',
        password,
        'verify-timeout': '3s',
        ...more,
      },
      { env: debug },
    )

  test('with what it refuses the list of tags', async () => {
    const all = await frontOf(ODD, ({ path }) => (path.includes('/tags/list') ? 403 : undefined))
    for (const _ of Array.from({ length: 12 })) {
      const run = await purgeAt(all, ODD)
      expectResult(run, 'refused')
      expect(run.errors).toContain('403')
      expectNowhere(run, ODD, all.echoed)
    }
  })

  test('with what it answers deletions, and every check of the proof', async () => {
    const all = await frontOf(ODD, ({ method, path }, { leak }) => {
      const itself = [leak.config, ...leak.layers.map((layer) => layer)].some((digest) =>
        path.endsWith(`/${digest}`),
      )
      if (!itself) return undefined
      return method === 'DELETE' ? 400 : all?.echoed.length > 0 ? 500 : undefined
    })
    const run = await purgeAt(all, ODD, { 'verify-timeout': '10s' })
    expectResult(run, 'incomplete')
    expect(all.echoed.length).toBeGreaterThan(8)
    expectNowhere(run, ODD, all.echoed)
  })

  test('with what its token service says', async () => {
    const forms = echoesOf(ODD)
    const echoed: string[] = []
    const { registry, image } = await startTokenScene(start, {
      intercept: () => {
        const form = forms[(echoed.length * 5) % forms.length] ?? ''
        echoed.push(form)
        const body = bodyOf(form, echoed.length)
        return { status: 401, body: typeof body === 'string' ? body : JSON.stringify(body) }
      },
    })
    for (const _ of Array.from({ length: 8 })) {
      const run = await purge(registry, { image, username: USER, password: ODD }, { env: debug })
      expectResult(run, 'refused')
      expectNowhere(run, ODD, echoed)
    }
  })

  test('though the password has three characters: no body is shown', async () => {
    const all = await frontOf('p4s', ({ path }) => (path.includes('/tags/list') ? 403 : undefined))
    for (const _ of Array.from({ length: 4 })) {
      const run = await purgeAt(all, 'p4s')
      expectResult(run, 'refused')
      expect(run.errors).toContain('403')
      expect(written(run)).not.toContain('noaccess')
    }
  })
})
