import type { Digest } from '../../oci/digest.js'
import type { LeftBehind } from '../problems/plan.js'
import { configsOf } from '../select/configs.js'
import type { Question } from './refuse.js'
import { tagsAt } from './tags-at.js'

/** Finds other tags under which the image could still be pulled (safety rule 3). */
export function aliases({ target, survey, selected, rules }: Question): LeftBehind[] {
  const { reach, whole, holders, tags } = selected
  const configs = configsOf(reach.manifests, survey, whole.manifests)
  const straight = [...reach.manifests].flatMap((digest) => holders.on(digest))
  const twins = new Set<Digest>()
  for (const [digest, { config }] of survey.manifests) {
    if (config !== undefined && configs.has(config.digest) && !reach.manifests.has(digest)) twins.add(digest)
  }
  // A deleted label serves nothing.
  const going = new Set(tags.map(({ tag }) => tag))
  const all = [...new Set([...straight, ...holders.over(twins)])].filter((tag) => !going.has(tag))
  if (all.length === 0) return []
  const named = tags.filter(({ belongsTo, digest }) => belongsTo === undefined && digest !== undefined)
  return [
    {
      kind: 'alias',
      repository: target.repository,
      tags: tagsAt(all, survey),
      labels: named.map(({ tag }) => tag),
      furtherTags: rules.furtherTags,
    },
  ]
}
