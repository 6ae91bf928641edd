import { expect } from '@jest/globals'
import { join } from 'node:path'
import { request } from '../../../testbed/http.js'
import { get, pullsCompletely } from '../../../testbed/images/pull.js'
import type { Registry } from '../../../testbed/images/push.js'
import type { RegistryServer } from '../../../testbed/serve/registry-server.js'

/** What is asked for in one repository: tags and manifests by reference, and digests as blobs. */
export interface Asked {
  readonly tags?: readonly string[]
  /** Each is asked for on both endpoints. */
  readonly manifests?: readonly string[]
  readonly blobs?: readonly string[]
}

/** The status of each, by plain GETs on connections of their own. */
export async function statusOf(
  registry: Registry,
  repository: string,
  { tags = [], manifests = [], blobs = [] }: Asked,
): Promise<Record<string, number>> {
  const all = [
    ...[...tags, ...manifests].map((reference) => ({ kind: 'manifests' as const, reference })),
    ...[...manifests, ...blobs].map((reference) => ({ kind: 'blobs' as const, reference })),
  ]
  const answers = await Promise.all(
    all.map(async ({ kind, reference }) => {
      const { status } = await get(registry, repository, kind, reference)
      return [`${kind}/${reference}`, status] as const
    }),
  )
  return Object.fromEntries(answers)
}

/** Nothing of this is served any more, on any endpoint. */
export async function expectGone(registry: Registry, repository: string, asked: Asked): Promise<void> {
  const statuses = await statusOf(registry, repository, asked)
  const served = Object.entries(statuses).filter(([, status]) => status !== 404)
  expect(served).toEqual([])
}

/** Each tag is on its digest and pulls completely, every hash checked. */
export async function expectPulls(
  registry: Registry,
  repository: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const seen: Record<string, string> = {}
  const problems: string[] = []
  for (const tag of Object.keys(tags)) {
    const pulled = await pullsCompletely(registry, repository, tag)
    seen[tag] = pulled.digest ?? 'none'
    problems.push(...pulled.problems)
  }
  expect({ seen, problems }).toEqual({ seen: tags, problems: [] })
}

/** These blobs are served. */
export async function expectServed(
  registry: Registry,
  repository: string,
  blobs: readonly string[],
): Promise<void> {
  const statuses = await statusOf(registry, repository, { blobs })
  expect(Object.entries(statuses).filter(([, status]) => status !== 200)).toEqual([])
}

/** All that a client can see of these, to compare it with what it sees later. */
export async function snapshot(registry: Registry, repository: string, asked: Asked): Promise<object> {
  const { url, ca, auth } = registry
  const list = await request({ url: `${url}/v2/${repository}/tags/list`, ca, auth })
  return {
    list: `${list.status} ${list.body.toString()}`,
    ...(await statusOf(registry, repository, asked)),
  }
}

/** Where a tag's pointer lies in a registry's folder. */
export const linkOf = ({ root }: RegistryServer, repository: string, tag: string): string =>
  join(root, 'docker/registry/v2/repositories', repository, '_manifests/tags', tag, 'current/link')

/** Where the bytes of a digest lie, whatever repository they belong to. */
export function dataOf({ root }: RegistryServer, digest: string): string {
  const hex = digest.slice('sha256:'.length)
  return join(root, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data')
}
