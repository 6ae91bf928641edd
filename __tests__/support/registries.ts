import { afterEach, expect } from '@jest/globals'
import { startMemoryRegistry, type MemoryOptions, type MemoryRegistry } from './memory-registry.js'

/**
 * For a file or a block of tests: a function that starts registries, which end with their test. A request that no
 * registry knows fails the test, unless it empties `unexpected` itself.
 */
export function useRegistries(): (options?: MemoryOptions) => Promise<MemoryRegistry> {
  const started: MemoryRegistry[] = []
  afterEach(async () => {
    const ended = started.splice(0)
    await Promise.all(ended.map((registry) => registry.stop()))
    expect(ended.flatMap((registry) => registry.unexpected)).toEqual([])
  })
  return async (options = {}) => {
    const registry = await startMemoryRegistry(options)
    started.push(registry)
    return registry
  }
}
