import type { Digest } from '../../oci/digest.js'
import { reach } from '../../oci/graph.js'
import type { Facts } from '../../survey/facts.js'

/** @returns why it cannot be told what belongs to an image, so that it stays; undefined where it can */
export function doubt(root: Digest, facts: Facts): string | undefined {
  const whole = reach([root], facts, true)
  for (const digest of whole.manifests) {
    const manifest = facts.manifests.get(digest)
    const missing = facts.missing.get(digest)
    const name = digest === root ? 'it' : digest
    if (manifest?.kind === 'schema1') return `${name} is a schema 1 manifest`
    if (manifest?.kind === 'unknown') return `${name} is a manifest of a kind that this action does not know`
    if ((manifest?.written ?? []).length > 0)
      return `${name} lists content of a media type that this action does not know`
    if (missing !== undefined && missing.is !== 'missing') return `${digest} cannot be read: ${missing.why}`
    const unclear = facts.referrersUnclear.get(digest)
    if (unclear !== undefined) return `what refers to ${digest} cannot be told: ${unclear}`
  }
  return undefined
}
