import type { Survey, Target } from '../survey/facts.js'
import type { Rules } from './plan.js'
import { aliases } from './refusals/aliases.js'
import { deletion } from './refusals/deletion.js'
import { named } from './refusals/named.js'
import { referrers } from './refusals/referrers.js'
import { unreadable } from './refusals/unreadable.js'
import type { Selected } from './select.js'

/**
 * Finds every reason why a plan must not be carried out. Each sentence says what is wrong, with what, and the way out.
 *
 * @returns refusals, and warnings for what is no obstacle
 */
export function refuse(
  target: Target,
  survey: Survey,
  selected: Selected,
  rules: Rules,
): { refusals: string[]; warnings: string[] } {
  const probed = deletion(target, survey, rules)
  const refusals = [
    ...named(target, survey, selected),
    ...unreadable(survey, selected),
    ...aliases(target, survey, selected),
    ...referrers(target, survey, selected),
    ...shared(selected, rules),
    ...probed.refusals,
  ]
  return { refusals, warnings: [...lost(selected), ...dangling(selected), ...probed.warnings] }
}

function shared({ kept }: Selected, rules: Rules): string[] {
  if (rules.sharedBlobs === 'keep' || kept.length === 0) return []
  const lines = kept.map(({ digest, heldBy }) => `  ${digest} is needed by ${heldBy.join(', ')}`)
  return [
    [
      `shared-blobs is \`fail\`, and remaining tags need ${kept.length} of the image's digests:`,
      ...lines,
      'Set shared-blobs to `keep` to purge the rest, or name those tags in `image` too',
    ].join('\n'),
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

function dangling({ remaining }: Selected): string[] {
  return remaining
    .filter((each) => each.digest === undefined && !each.protected)
    .map(
      ({ tag }) =>
        `${tag} is listed, but its manifest is unknown to the registry: it was broken before this run`,
    )
}
