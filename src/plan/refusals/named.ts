import { EMPTY_BLOBS } from '../../oci/digest.js'
import type { Missing, Survey, Target } from '../../survey/facts.js'
import type { Rules } from '../plan.js'
import type { Selected } from '../select.js'
import { linesFor } from './lines.js'

const SHOWN = 20

/** What was named, and cannot go: it is not there, not what it should be, or needed by a tag that stays. */
export function named(target: Target, survey: Survey, selected: Selected): string[] {
  return [
    ...namedLabels(target, survey, 'image'),
    ...namedContent(target, survey, selected),
    ...needed(target, survey, selected),
  ]
}

/** Tags that were named: they have to be there, on the digest written beside them, and in the list. */
export function namedLabels(target: Target, survey: Survey, scope: Rules['scope']): string[] {
  const { repository } = target
  const listed = new Set(survey.listed)
  return target.tags.flatMap(({ tag, digest: pinned }): string[] => {
    const state = survey.tags.get(tag)
    const name = `${repository}:${tag}`
    if (state === undefined || state.is === 'unknown') {
      if (pinned !== undefined) return []
      if (listed.has(tag))
        return [
          `${name} is listed, but its manifest is unknown to the registry: the label dangles. ${scope === 'tag' ? 'Nothing can be pulled by it; push anything to it and run again, or leave it' : `Name what it stood for by digest (${name}@sha256:…), with its blobs in \`blobs\``}`,
        ]
      return [`${name} does not exist. ${existing(survey)}`]
    }
    if (state.is !== 'resolved') return [`${name} cannot be worked with: ${state.why}`]
    if (pinned !== undefined && pinned !== state.digest)
      return [
        `${name} points at ${state.digest}, not at ${pinned}. ${scope === 'tag' ? `To remove the label whatever it points at, write ${name} without a digest` : `If that digest is what leaked, name it alone (${repository}@${pinned}); the tag is then one that stays`}`,
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

function namedContent(target: Target, survey: Survey, { whole, reach, holders }: Selected): string[] {
  const { repository } = target
  const refusals: string[] = []
  const absentTags = target.tags.filter(({ tag }) => survey.tags.get(tag)?.is !== 'resolved')
  const roots = new Set([...target.digests, ...absentTags.flatMap(({ digest }) => digest ?? [])])
  for (const digest of whole.manifests) {
    // What is merely attached, and stays, need not be understood.
    if (holders.held.has(digest) && !reach.manifests.has(digest)) continue
    const name = `${repository}@${digest}`
    const missing: Missing | undefined = survey.missing.get(digest)
    const manifest = survey.manifests.get(digest)
    if (manifest?.kind === 'schema1')
      refusals.push(
        `${name} is a schema 1 manifest, where something else was asked for: it may be a conversion of what is stored. Nothing can be purged safely by it`,
      )
    else if (manifest?.kind === 'unknown')
      refusals.push(
        `${name} is a manifest of a kind that this action does not know, so what belongs to it cannot be told. Delete it by hand, with what it needs, and run again`,
      )
    else if ((manifest?.written ?? []).length > 0)
      refusals.push(
        `${name} lists content of a media type that is neither a manifest's nor a blob's, so what belongs to it cannot be told`,
      )
    if (missing?.is === 'missing' && roots.has(digest) && target.blobs.length === 0)
      refusals.push(
        `${name} is gone already, or was never a manifest here, so its blobs are unknown. Give them in \`blobs\` (from the log or report of an earlier run, or from a scanner) to purge and prove them`,
      )
    if (missing !== undefined && missing.is !== 'missing' && !whole.blobs.has(digest))
      refusals.push(`${name}, which belongs to what was named, cannot be read: ${missing.why}`)
  }
  for (const digest of roots) {
    if (EMPTY_BLOBS.has(digest))
      refusals.push(
        `${repository}@${digest} is a well-known empty blob and no manifest. It is never deleted; remove it`,
      )
  }
  for (const digest of target.blobs) {
    if (survey.manifests.has(digest))
      refusals.push(`${repository}@${digest} is a manifest, not a blob. Name it in \`image\``)
  }
  return refusals
}

/** Something that was named cannot both go and stay. */
function needed(target: Target, survey: Survey, { named, holders }: Selected): string[] {
  const { repository } = target
  const held = new Set([...named].filter((digest) => holders.held.has(digest)))
  return [...holders.of(held)].flatMap(([digest, all]) => {
    // A tag straight on it is an alias, and told as one.
    const straight = new Set(holders.on(digest))
    const tags = all.filter((tag) => !straight.has(tag))
    if (tags.length === 0) return []
    const parents = [...survey.manifests.values()]
      .filter(
        (manifest) =>
          holders.held.has(manifest.digest) &&
          (manifest.children.some((child) => child.digest === digest) ||
            manifest.blobs.some((blob) => blob.digest === digest) ||
            manifest.written.includes(digest)),
      )
      .map((manifest) => `${manifest.kind === 'index' ? 'index' : 'manifest'} ${manifest.digest}`)
    const through = parents.length === 0 ? '' : ` (in the ${some(parents)})`
    return [
      `${repository}@${digest} was named, but a remaining tag needs it: ${some(tags)}${through}. Leave it out, or purge ${tags.length === 1 ? 'that tag' : 'those tags'} with it by adding to \`image\`:`,
      ...linesFor(repository, tags, survey),
    ].join('\n')
  })
}

function some(list: readonly string[]): string {
  const more = list.length > SHOWN ? ` and ${list.length - SHOWN} more` : ''
  return `${list.slice(0, SHOWN).join(', ')}${more}`
}
