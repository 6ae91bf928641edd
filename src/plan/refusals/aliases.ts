import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { Survey } from '../../survey/facts.js'
import type { LeftBehind } from '../problems/plan.js'
import { imageKeysOf, lookupKeysOf } from '../select/image-key.js'
import type { Selected } from '../select/select.js'
import type { Question } from './refuse.js'
import { tagsAt } from './tags-at.js'

/** Finds other tags under which the image could still be pulled (safety rule 3). */
export function aliases({ target, survey, selected, rules }: Question): LeftBehind[] {
  const all = otherNames(survey, selected)
  if (all.length === 0) return []
  const named = selected.tags.filter(
    ({ belongsTo, digest }) => belongsTo === undefined && digest !== undefined,
  )
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

/** @returns the remaining tags that point to a manifest of the images, or need another one that is the same image */
export function otherNames(survey: Survey, { reach, whole, holders, tags }: Selected): Tag[] {
  const keys = imageKeysOf(reach.manifests, survey, whole.manifests)
  const straight = [...reach.manifests].flatMap((digest) => holders.on(digest))
  const twins = new Set<Digest>()
  for (const [digest, manifest] of survey.manifests)
    if (!reach.manifests.has(digest) && lookupKeysOf(manifest).some((key) => keys.has(key))) twins.add(digest)
  // A deleted label serves nothing.
  const going = new Set(tags.map(({ tag }) => tag))
  return [...new Set([...straight, ...holders.over(twins)])].filter((tag) => !going.has(tag))
}
