import type { Digest } from '../../../../src/oci/digest.js'
import { partsIn, type Belonging } from './belonging.js'
import type { Seen } from '../world/look.js'

/** In what order manifests have to go. */
export interface Order {
  /** What has to go after a manifest: its children, and what it is attached to. */
  readonly after: (digest: Digest) => readonly Digest[]
  /** Names can form circles. What lies in one, or comes after one, has no place of its own. */
  readonly circling: ReadonlySet<Digest>
}

export function orderOf(seen: Seen, { manifests, attached }: Belonging): Order {
  const after = (digest: Digest): Digest[] => {
    const next = [...(partsIn(seen, digest)?.children ?? []), ...(attached.get(digest) ?? [])]
    return next.filter((each) => each !== digest)
  }
  const circling = new Set<Digest>()
  for (const digest of manifests) {
    const reached = new Set(after(digest))
    for (const each of reached) for (const next of after(each)) reached.add(next)
    if (reached.has(digest)) for (const each of reached) circling.add(each)
  }
  return { after, circling }
}
