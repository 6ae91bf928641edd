import type { MemoryRegistry, RecordedRequest } from '../support/memory-registry.js'

/** DELETEs of what exists or was named: the probe's random digests are left out. */
export function realDeletes(registry: MemoryRegistry, known: readonly string[]): RecordedRequest[] {
  return registry.requests.filter(
    ({ method, path }) => method === 'DELETE' && known.some((name) => path.endsWith(`/${name}`)),
  )
}

/** Every request whose path ends in one of these references. */
export function about(registry: MemoryRegistry, ...references: readonly string[]): RecordedRequest[] {
  return registry.requests.filter(({ path }) => references.some((each) => path.endsWith(`/${each}`)))
}

/** Where in the order of arrival the first such request stands, -1 where there is none. */
export function positionOf(registry: MemoryRegistry, method: string, reference: string): number {
  return registry.requests.findIndex((each) => each.method === method && each.path.endsWith(`/${reference}`))
}

/** What is still served, of these digests, on either endpoint of a repository. */
export function served(registry: MemoryRegistry, repo: string, digests: readonly string[]): string[] {
  return digests.filter(
    (digest) => registry.store.hasManifest(repo, digest) || registry.store.hasBlob(repo, digest),
  )
}
