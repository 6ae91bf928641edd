import { EMPTY_BLOBS, type Digest } from '../../oci/digest.js'
import type { Facts, Survey, Target } from '../../survey/facts.js'
import type { Rules } from '../plan.js'
import type { Selected } from '../select.js'
import { linesFor } from './lines.js'

/** The leak would stay pullable under another name (safety rule 3). */
export function aliases(
  target: Target,
  survey: Survey,
  { reach, whole, holders, tags }: Selected,
  { cleanup }: Pick<Rules, 'cleanup'>,
): string[] {
  const configs = configsOf(reach.manifests, survey, whole.manifests)
  const straight = [...reach.manifests].flatMap((digest) =>
    holders.on(digest).map((tag) => ({ tag, digest })),
  )
  const twins = new Set<Digest>()
  for (const [digest, { config }] of survey.manifests) {
    if (config !== undefined && configs.has(config.digest) && !reach.manifests.has(digest)) twins.add(digest)
  }
  const sameConfig = holders.over(twins)
  // A tag of which only the label goes serves nothing any more.
  const going = new Set(tags.map(({ tag }) => tag))
  const all = [...new Set([...straight.map(({ tag }) => tag), ...sameConfig])].filter(
    (tag) => !going.has(tag),
  )
  if (all.length === 0) return []
  const found = `also served under other tags: ${all.join(', ')} (they point at a manifest of the image, or at another manifest with the same config). It would stay pullable, so nothing was purged.`
  // A cleanup takes only labels where it sees such a tag: this one came after that.
  if (cleanup === true) return [`What was selected is ${found} Run again: they are taken into account then`]
  const labels = tags
    .filter(({ belongsTo, digest }) => belongsTo === undefined && digest !== undefined)
    .map(({ tag }) => `${target.repository}:${tag}`)
  const only =
    labels.length === 0
      ? []
      : [
          `Or run with \`scope: tag\`: that would remove only the label ${labels.join(', ')} and leave behind the manifest and every blob, so whoever has the digest or one of the tags above could still fetch the leak.`,
        ]
  return [
    [
      `The leak is ${found} To purge them with it, add to \`image\`:`,
      ...linesFor(target.repository, all, survey),
      ...only,
    ].join('\n'),
  ]
}

/**
 * @param manifests of an image
 * @param whole these, and what is attached to them
 * @returns the configs by which another manifest shows itself as the same image
 */
export function configsOf(
  manifests: Iterable<Digest>,
  facts: Facts,
  whole: ReadonlySet<Digest>,
): Set<Digest> {
  const configs = new Set<Digest>()
  for (const digest of manifests) {
    const manifest = facts.manifests.get(digest)
    // Signatures and the like have configs that say nothing of what they are.
    if (manifest?.subject !== undefined && whole.has(manifest.subject)) continue
    const config = manifest?.config?.digest
    const same = config === undefined ? [] : [config, ...(facts.twins.get(config) ?? [])]
    if (!same.some((each) => EMPTY_BLOBS.has(each))) for (const each of same) configs.add(each)
  }
  return configs
}
