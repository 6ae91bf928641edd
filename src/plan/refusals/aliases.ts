import { EMPTY_BLOBS, type Digest } from '../../oci/digest.js'
import type { Survey, Target } from '../../survey/facts.js'
import type { Selected } from '../select.js'

/** The leak would stay pullable under another name (safety rule 3). */
export function aliases(target: Target, survey: Survey, { reach, holders, tags }: Selected): string[] {
  const configs = new Set<Digest>()
  for (const digest of reach.manifests) {
    const config = survey.manifests.get(digest)?.config?.digest
    if (config !== undefined && !EMPTY_BLOBS.has(config)) configs.add(config)
  }
  const straight = [...reach.manifests].flatMap((digest) =>
    holders.on(digest).map((tag) => ({ tag, digest })),
  )
  const twins = new Set<Digest>()
  for (const [digest, { config }] of survey.manifests) {
    if (config !== undefined && configs.has(config.digest) && !reach.manifests.has(digest)) twins.add(digest)
  }
  const sameConfig = holders.over(twins)
  const all = [...new Set([...straight.map(({ tag }) => tag), ...sameConfig])]
  if (all.length === 0) return []
  const lines = all.map((tag) => {
    const state = survey.tags.get(tag)
    return `  ${target.repository}:${tag}${state?.is === 'resolved' ? `@${state.digest}` : ''}`
  })
  const leak = tags.map(({ tag }) => `${target.repository}:${tag}`).join(', ') || target.repository
  return [
    [
      `The leak is also served under other tags: ${all.join(', ')} (they point at a manifest of the image, or at another manifest with the same config). It would stay pullable, so nothing was purged. To purge them with it, add to \`image\`:`,
      ...lines,
      `\`scope: tag\`, which this version does not have, would remove only the label ${leak} and leave the manifest and every blob, so whoever has the digest or one of those tags could still fetch the leak.`,
    ].join('\n'),
  ]
}
