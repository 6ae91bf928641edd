import { describe, expect, test } from '@jest/globals'
import type { Digest } from '../../../src/oci/digest.js'
import type { Manifest } from '../../../src/oci/manifest.js'
import { proveInOrder, type Proof } from '../../../src/flow/prove/order.js'
import { digestOf } from '../../proof/scripted.js'
import { content, workOf } from './pieces.js'

interface Scripted {
  readonly purges: readonly Digest[]
  /** Manifests that were read there. */
  readonly reads?: readonly Digest[]
  /** For each proof in turn: whether it disturbs others. */
  readonly disturbs?: readonly boolean[]
  /** How many proofs it takes. */
  readonly takes?: number
  /** What the final check brings back. */
  readonly back?: readonly Digest[]
  readonly hopeless?: boolean
}

/** Proves repositories that do as they are told. @returns what was done, in order */
async function proved(scripts: Readonly<Record<string, Scripted>>): Promise<string[]> {
  const log: string[] = []
  const proofs = Object.entries(scripts).map(([name, script]): Proof => {
    const purge = workOf({ blobs: script.purges.map((digest) => content(digest)) })
    const manifests = new Map((script.reads ?? []).map((digest) => [digest, manifest(digest)]))
    let proofs = 0
    let proven = false
    return {
      purge: { ...purge, plan: purge.plan, facts: { manifests } } as unknown as Proof['purge'],
      get proven() {
        return proven
      },
      get open() {
        return !proven && script.hopeless !== true
      },
      prove: async () => {
        log.push(`prove ${name}`)
        proven = ++proofs >= (script.takes ?? 1) && script.hopeless !== true
        return script.disturbs?.[proofs - 1] ?? false
      },
      restart: () => {
        log.push(`restart ${name}`)
        proven = false
      },
      checkAsManifests: async () => void log.push(`as manifests ${name}`),
      checkByRange: async () => {
        log.push(`by range ${name}`)
        return script.back ?? []
      },
      deleteOnceMore: async (digests) => void log.push(`delete ${digests.length} ${name}`),
    }
  })
  await proveInOrder(proofs)
  return log
}

const manifest = (digest: Digest): Manifest => ({ digest, blobs: [] }) as unknown as Manifest
const FINAL = (name: string): string[] => [`as manifests ${name}`, `by range ${name}`]
const [x, y] = [digestOf('a'), digestOf('b')]

describe('proofs of several repositories', () => {
  test('come one after the other, then each kind of final check, then the last DELETEs', async () => {
    expect(await proved({ one: { purges: [x], back: [x] }, two: { purges: [y] } })).toEqual([
      'prove one',
      'prove two',
      'as manifests one',
      'as manifests two',
      'by range one',
      'by range two',
      'delete 1 one',
      'delete 0 two',
    ])
  })

  test('start anew where another one, which purges or reads the same, disturbs them', async () => {
    for (const two of [{ purges: [x] }, { purges: [y], reads: [x] }])
      expect(await proved({ one: { purges: [x] }, two: { ...two, disturbs: [true] } })).toEqual(
        expect.arrayContaining(['restart one']),
      )
  })

  test('are made again after that', async () => {
    const log = await proved({ one: { purges: [x] }, two: { purges: [x], disturbs: [true] } })
    expect(log.slice(0, 4)).toEqual(['prove one', 'prove two', 'restart one', 'prove one'])
  })

  test('stand where the other one has nothing in common', async () => {
    expect(await proved({ one: { purges: [x] }, two: { purges: [y], disturbs: [true] } })).not.toContain(
      'restart one',
    )
  })

  test('go on as long as there is time for one, and the others are proven', async () => {
    const log = await proved({ one: { purges: [x], takes: 3 }, two: { purges: [y] } })
    expect(log.slice(0, 4)).toEqual(['prove one', 'prove two', 'prove one', 'prove one'])
  })

  test('make no final check of what is not proven', async () => {
    const log = await proved({ one: { purges: [x], hopeless: true }, two: { purges: [y] } })
    expect(log).toEqual(['prove one', 'prove two', ...FINAL('two'), 'delete 0 two'])
  })
})
