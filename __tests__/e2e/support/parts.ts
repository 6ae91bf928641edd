import { describe } from '@jest/globals'
import type { Binary, Missing } from '../../../testbed/obtain/fetched-binary.js'
import { findNginx } from '../../../testbed/obtain/nginx-binary.js'
import { findRedis } from '../../../testbed/obtain/redis-binary.js'
import { findVersitygw } from '../../../testbed/obtain/versitygw-binary.js'
import { startNginx } from '../../../testbed/serve/nginx-server.js'
import { startRedis } from '../../../testbed/serve/redis-server.js'
import { startObjectStore } from '../../../testbed/serve/versitygw-server.js'
import type { Registry, RegistryServer } from './support.js'
import { folderFor, later, onRegistry, plain, type Implementation, type Start } from './support.js'

/** What stands in front of a registry or behind it. */
export type Part = 'nginx' | 'redis' | 'versitygw'

const programs: Record<Part, Binary | Missing> = {
  nginx: await findNginx(),
  redis: await findRedis(),
  versitygw: await findVersitygw(),
}

/** A block of tests against a registry that also need another program. Without it they are skipped, as in `onRegistry`. */
export function onRegistryWith<Kind extends Implementation>(
  part: Part,
  kind: Kind,
  body: (start: Start, kind: Kind) => void,
): void {
  const program = programs[part]
  if ('missing' in program) {
    const unavailable: Start = () => Promise.reject(new Error(program.missing))
    describe.skip(`${part} (skipped: ${program.missing})`, () => body(unavailable, kind))
  } else {
    describe(part, () => onRegistry(kind, body))
  }
}

function programOf(part: Part): Binary {
  const program = programs[part]
  if ('missing' in program) throw new Error(program.missing)
  return program
}

/** The directives of a location that passes a request on to the registry. */
export const passTo = ({ url }: RegistryServer): string => `
      proxy_pass ${url};
      proxy_set_header Host $http_host;`

/** nginx in front of a registry: http, with the credentials of the registry. Ends with the test. */
export async function startFront(
  registry: RegistryServer,
  config: { readonly server: string; readonly http?: string },
): Promise<Registry> {
  const nginx = await startNginx({ binary: programOf('nginx'), folder: await folderFor('nginx'), ...config })
  later(() => nginx.stop())
  return { url: nginx.url, auth: registry.auth }
}

/** A registry with a redis of its own for its descriptors. Both end with the test. */
export async function startOnRedis(start: Start): Promise<RegistryServer> {
  const redis = await startRedis({ binary: programOf('redis'), folder: await folderFor('redis') })
  later(() => redis.stop())
  return start({ ...plain, cache: 'redis', redis: redis.address })
}

/**
 * A registry on an object store of its own, and another one there that hands out the bytes of a blob itself: what it
 * serves can be read without following redirects. All end with the test.
 *
 * @param redirects whether the first one sends clients to the store for the bytes, as is its default
 */
export async function startOnObjectStore(
  start: Start,
  redirects: boolean,
): Promise<{ registry: RegistryServer; observer: RegistryServer }> {
  const folder = await folderFor('objects')
  const store = await startObjectStore({ binary: programOf('versitygw'), folder })
  later(() => store.stop())
  const direct = () => start({ ...plain, s3: store.storage, redirects: false })
  if (!redirects) {
    const registry = await direct()
    return { registry, observer: registry }
  }
  return { registry: await start({ ...plain, s3: store.storage }), observer: await direct() }
}
