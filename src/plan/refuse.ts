import type { Digest } from '../oci/digest.js'
import { subjectKey, type Tag } from '../oci/tag.js'
import type { Survey, Target } from '../survey/facts.js'
import type { Remaining, Rules } from './plan.js'
import { aliases } from './refusals/aliases.js'
import { deletion, untagging } from './refusals/deletion.js'
import { named } from './refusals/named.js'
import { referrers } from './refusals/referrers.js'
import { unreadable } from './refusals/unreadable.js'
import type { Selected } from './select.js'

/** What stands in the way, and what merely has to be said. */
export interface Objections {
  readonly refusals: readonly string[]
  readonly warnings: readonly string[]
  /** What could not be read and is passed over. */
  readonly ignored: ReadonlySet<Tag | Digest>
}

/**
 * Finds every reason why a plan must not be carried out. Each sentence says what is wrong, with what, and the way out.
 *
 * @returns refusals, and warnings for what is no obstacle
 */
export function refuse(target: Target, survey: Survey, selected: Selected, rules: Rules): Objections {
  const probed = deletion(target, survey, rules)
  // The way to remove a label alone is asked for only where one is to go.
  const labels = untagging(target, survey, rules)
  const blind = unreadable(survey, selected.remaining, selected.holders, rules, selected.whole.manifests)
  const refusals = [
    ...named(target, survey, selected),
    ...blind.refusals,
    ...aliases(target, survey, selected, rules),
    ...referrers(target, survey, selected),
    ...shared(selected, rules),
    ...probed.refusals,
    ...labels.refusals,
  ]
  const warnings = [
    ...forgotten(target, survey),
    ...lost(selected),
    ...dangling(selected.remaining, survey),
    ...blind.warnings,
    ...notNamed(selected),
    ...servesMore(selected),
    ...elsewhere(selected),
    ...probed.warnings,
    ...labels.warnings,
  ]
  return { refusals, warnings, ignored: blind.ignored }
}

/** Of what belongs to the image, tags whose names do not say so. */
function notNamed({ tags }: Selected): string[] {
  return tags.flatMap(({ tag, belongsTo }) =>
    belongsTo === undefined || subjectKey(tag) !== undefined
      ? []
      : [
          `${tag} goes, although it was not named: it points at a manifest that refers to ${belongsTo}. If it has to stay, name it in \`protected-tags\``,
        ],
  )
}

/** Of what belongs to the image by name, what stays. */
function servesMore({ shared }: Selected): string[] {
  return shared.map(
    (tag) =>
      `${tag} belongs to the image, but serves something that stays as well: so it stays, and what it needs is still served`,
  )
}

function elsewhere({ manifests, blobs }: Selected): string[] {
  return [...manifests, ...blobs]
    .filter(({ foreign }) => foreign)
    .map(
      ({ digest }) =>
        `${digest} lies in other places, too, which its manifest names (\`urls\`). It goes from this registry; those places are out of reach`,
    )
}

function shared({ kept }: Selected, rules: Rules): string[] {
  if (rules.sharedBlobs === 'keep' || kept.length === 0) return []
  const lines = kept.map(({ digest, heldBy }) => `  ${digest} is needed by ${heldBy.join(', ')}`)
  return [
    [
      `shared-blobs is \`fail\`, and remaining tags need ${kept.length} of the image's digests:`,
      ...lines,
      `Set shared-blobs to \`keep\` to purge the rest${rules.cleanup === true ? '' : ', or name those tags in `image` too'}`,
    ].join('\n'),
  ]
}

/** Nothing tells a repository that is empty by now from one that never was, or that these credentials may not see. */
function forgotten({ repository }: Target, survey: Survey): string[] {
  if (survey.forgotten !== true) return []
  return [
    `the registry does not know the repository ${repository}. If its last tag is gone that is as it should be. If the name is misspelt, or if these credentials may not see it, nothing is purged: check the name`,
  ]
}

/** What hung on a manifest that is gone cannot be told any more. */
function lost({ manifests }: Selected): string[] {
  return manifests
    .filter(({ gone }) => gone)
    .map(
      ({ digest }) =>
        `${digest} is gone already, so its config and layers are unknown and may still be served. If another record of the image has them, purge them with \`blobs\``,
    )
}

/** Tags that were broken before. */
export function dangling(remaining: readonly Remaining[], survey: Survey): string[] {
  return remaining
    .filter((each) => survey.tags.get(each.tag)?.is === 'unknown' && !each.protected)
    .map(
      ({ tag }) =>
        `${tag} is listed, but its manifest is unknown to the registry: it was broken before this run`,
    )
}
