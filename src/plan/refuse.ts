import { EMPTY_BLOBS, type Digest } from '../oci/digest.js'
import { subjectByName, type Tag } from '../oci/tag.js'
import type { Deletion, Missing, Survey, Target } from '../survey/facts.js'
import type { Rules } from './plan.js'
import type { Selected } from './select.js'

const SHOWN = 20

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
  const capability = capabilities(target, survey, rules)
  const refusals = [
    ...namedTags(target, survey),
    ...namedContent(target, survey, selected),
    ...unreadable(survey, selected),
    ...aliases(target, survey, selected),
    ...needed(target, survey, selected),
    ...referrers(target, survey, selected),
    ...shared(selected, rules),
    ...capability.refusals,
  ]
  return { refusals, warnings: [...dangling(selected), ...capability.warnings] }
}

function namedTags(target: Target, survey: Survey): string[] {
  const { repository } = target
  const listed = new Set(survey.listed)
  return target.tags.flatMap(({ tag, digest: pinned }): string[] => {
    const state = survey.tags.get(tag)
    const name = `${repository}:${tag}`
    if (state === undefined || state.is === 'unknown') {
      if (pinned !== undefined) return []
      if (listed.has(tag))
        return [
          `${name} is listed, but its manifest is unknown to the registry: the label dangles. Name what it stood for by digest (${name}@sha256:…), with its blobs in \`blobs\``,
        ]
      return [`${name} does not exist. ${existing(survey)}`]
    }
    if (state.is !== 'resolved') return [`${name} cannot be worked with: ${state.why}`]
    if (pinned !== undefined && pinned !== state.digest)
      return [
        `${name} points at ${state.digest}, not at ${pinned}. If that digest is what leaked, name it alone (${repository}@${pinned}); the tag is then one that stays`,
      ]
    if (!listed.has(tag))
      return [
        `${name} resolves, but the registry's tag list lacks it, so the list may lack others that must stay. Nothing can be purged safely from a list that leaves tags out`,
      ]
    return []
  })
}

function existing(survey: Survey): string {
  if (survey.listed.length === 0) return 'The repository has no tags'
  const shown = survey.listed.slice(0, SHOWN).join(', ')
  const more = survey.listed.length > SHOWN ? ` and ${survey.listed.length - SHOWN} more` : ''
  return `Its repository has: ${shown}${more}`
}

function namedContent(target: Target, survey: Survey, { reach, manifests, blobs }: Selected): string[] {
  const { repository } = target
  const refusals: string[] = []
  const absentTags = target.tags.filter(({ tag }) => survey.tags.get(tag)?.is !== 'resolved')
  const roots = new Set([...target.digests, ...absentTags.flatMap(({ digest }) => digest ?? [])])
  for (const digest of reach.manifests) {
    const missing: Missing | undefined = survey.missing.get(digest)
    const kind = survey.manifests.get(digest)?.kind
    if (kind === 'unknown')
      refusals.push(
        `${repository}@${digest} is a manifest of a kind that this action does not know, so what belongs to it cannot be told`,
      )
    if (missing?.is === 'missing' && roots.has(digest) && target.blobs.length === 0)
      refusals.push(
        `${repository}@${digest} is gone already, or was never a manifest here, so its blobs are unknown. Give them in \`blobs\` (from the log or report of an earlier run, or from a scanner) to purge and prove them`,
      )
    if (missing !== undefined && missing.is !== 'missing' && !reach.blobs.has(digest))
      refusals.push(
        `${repository}@${digest}, which belongs to what was named, cannot be read: ${missing.why}`,
      )
  }
  for (const digest of target.blobs) {
    if (survey.manifests.has(digest))
      refusals.push(`${repository}@${digest} is a manifest, not a blob. Name it in \`image\``)
  }
  for (const { digest } of [...manifests, ...blobs]) {
    if (digest.startsWith('sha512:'))
      refusals.push(
        `${repository}@${digest} is a sha512 digest. Registries serve such content under a sha256 digest too, so this version cannot prove that it is gone`,
      )
  }
  return refusals
}

/** What cannot be read cannot be known, so nothing may be deleted that it might need. */
function unreadable(survey: Survey, { remaining, holders }: Selected): string[] {
  const refusals: string[] = []
  const name = (tag: Tag): string => `${survey.repository}:${tag}`
  const way =
    'What it needs is unknown, so nothing can be deleted safely. Repair or delete it, or name it in `image` too'
  const blind = new Map<Digest, Missing>()
  for (const [digest, missing] of survey.missing) if (holders.held.has(digest)) blind.set(digest, missing)
  for (const { tag, protected: guarded } of remaining) {
    const state = survey.tags.get(tag)
    if (state?.is === 'unreadable')
      refusals.push(`${name(tag)} stays, but cannot be read: ${state.why}. ${way}`)
    if (state?.is === 'lie')
      refusals.push(`${name(tag)} stays, but the registry's answer cannot be true: ${state.why}`)
    if (state?.is === 'unknown' && guarded)
      refusals.push(`${name(tag)} is in protected-tags, but its manifest is unknown to the registry. ${way}`)
  }
  for (const [digest, tags] of holders.of(new Set(blind.keys()))) {
    const missing = blind.get(digest)
    const why =
      missing === undefined || missing.is === 'missing' ? 'it is unknown to the registry' : missing.why
    refusals.push(
      `${tags.map(name).join(', ')} needs the manifest ${digest}, which cannot be read: ${why}. ${way}`,
    )
  }
  for (const why of survey.referrersUnclear)
    refusals.push(`What refers to an image of ${survey.repository} cannot be told: ${why}`)
  return refusals
}

/** The leak would stay pullable under another name (safety rule 3). */
function aliases(target: Target, survey: Survey, { reach, holders, tags }: Selected): string[] {
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

/** Something that was named cannot both go and stay. */
function needed(target: Target, survey: Survey, { named, holders }: Selected): string[] {
  const held = new Set(
    [...named].filter((digest) => holders.held.has(digest) && holders.on(digest).length === 0),
  )
  return [...holders.of(held)].map(([digest, tags]) => {
    const parents = [...survey.manifests.values()]
      .filter(
        (manifest) =>
          holders.held.has(manifest.digest) &&
          (manifest.children.some((child) => child.digest === digest) ||
            manifest.blobs.some((blob) => blob.digest === digest) ||
            manifest.written.includes(digest)),
      )
      .map((manifest) => manifest.digest)
    const through = parents.length === 0 ? '' : ` (in ${parents.slice(0, SHOWN).join(', ')})`
    return `${target.repository}@${digest} was named, but a remaining tag needs it: ${tags.join(', ')}${through}. Name those tags in \`image\` too, or leave the digest out`
  })
}

/** Until they can be purged with their image, referrers are a reason to stop. */
function referrers(target: Target, survey: Survey, { manifests, reach, remaining }: Selected): string[] {
  const going = new Set(manifests.map(({ digest }) => digest))
  const refusals: string[] = []
  const way = 'This version does not purge referrers with their image; name it in `image` too'
  for (const { tag } of remaining) {
    const subject = subjectByName(tag)
    if (subject !== undefined && going.has(subject))
      refusals.push(`${target.repository}:${tag} belongs to ${subject}, which was to go. ${way}`)
  }
  for (const { digest } of manifests) {
    for (const referrer of survey.referrers.get(digest) ?? []) {
      if (!reach.manifests.has(referrer))
        refusals.push(`${target.repository}@${referrer} refers to ${digest}, which was to go. ${way}`)
    }
  }
  return refusals
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

function dangling({ remaining }: Selected): string[] {
  return remaining
    .filter((each) => each.digest === undefined && !each.protected)
    .map(
      ({ tag }) =>
        `${tag} is listed, but its manifest is unknown to the registry: it was broken before this run`,
    )
}

const TURN_ON =
  'Turn deletion on (distribution: `storage.delete.enabled: true`, or REGISTRY_STORAGE_DELETE_ENABLED=true in its environment) and run again'

function capabilities(
  target: Target,
  survey: Survey,
  rules: Rules,
): { refusals: string[]; warnings: string[] } {
  const refusals: string[] = []
  const warnings: string[] = []
  const answers: [string, Deletion][] = [
    ['manifests', survey.manifestDeletion],
    ['blobs', survey.blobDeletion],
  ]
  for (const [what, deletion] of answers) {
    if (deletion.is === 'on') continue
    const said = `deletion of ${what} in ${target.repository}: the registry answered the probe with ${deletion.why}`
    if (deletion.is === 'denied') {
      const sentence = `No permission for the ${said}. The user needs the action \`delete\` on ${target.repository}`
      if (rules.dryRun) warnings.push(sentence)
      else refusals.push(sentence)
    } else if (deletion.is === 'off') {
      const readOnly = deletion.readOnly
        ? ' The registry is in read-only mode (`storage.maintenance.readonly.enabled`); end that first.'
        : ' Or this is a pull-through cache (`proxy.remoteurl`), which never deletes: purge at its upstream.'
      refusals.push(`No ${said}. ${TURN_ON}.${readOnly}`)
    } else
      refusals.push(
        `It is not clear whether the registry does the ${said}. A 404 with a code such as BLOB_UNKNOWN was expected. ${TURN_ON}`,
      )
  }
  return { refusals, warnings }
}
