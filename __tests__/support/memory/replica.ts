/**
 * One process with an `inmemory` cache of descriptors. What is in it is served although its link is gone, until this
 * very process is asked to delete it. In 3.x manifests and blobs share one key, in 2.8 only blobs are cached.
 */
export interface Replica {
  knows(repo: string, digest: string): boolean
  learn(repo: string, digest: string): void
  forget(repo: string, digest: string): void
}

/** A process without a cache. */
export const uncached: Replica = { knows: () => false, learn: () => {}, forget: () => {} }

export class CachedReplica implements Replica {
  readonly #known = new Set<string>()

  knows(repo: string, digest: string): boolean {
    return this.#known.has(`${repo} ${digest}`)
  }

  learn(repo: string, digest: string): void {
    this.#known.add(`${repo} ${digest}`)
  }

  forget(repo: string, digest: string): void {
    this.#known.delete(`${repo} ${digest}`)
  }
}

/**
 * A redis cache up to 3.0.0: it remembers for ever which repositories had a digest, and forgets only the digest's own
 * descriptor on a deletion. Whoever touches the digest elsewhere brings that back, and with it the purged repository.
 */
export class RedisCache implements Replica {
  readonly #members = new Set<string>()
  readonly #descriptors = new Set<string>()

  knows(repo: string, digest: string): boolean {
    return this.#members.has(`${repo} ${digest}`) && this.#descriptors.has(digest)
  }

  learn(repo: string, digest: string): void {
    this.#members.add(`${repo} ${digest}`)
    this.#descriptors.add(digest)
  }

  forget(_repo: string, digest: string): void {
    this.#descriptors.delete(digest)
  }
}
