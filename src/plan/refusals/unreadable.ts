import type { Digest } from '../../oci/digest.js'
import { keyOf, subjectKey, type Tag } from '../../oci/tag.js'
import type { Survey } from '../../survey/facts.js'
import type { Holders } from '../holders.js'
import type { Remaining, Rules } from '../plan.js'

/** What is to be done about what cannot be read. */
export interface Unreadable {
  readonly refusals: readonly string[]
  readonly warnings: readonly string[]
  /** What the user decided to pass over: tags, manifests that some tag needs, and subjects of referrers. */
  readonly ignored: ReadonlySet<Tag | Digest>
}

const WAY = 'What it needs is unknown, so nothing can be deleted safely. Repair or delete it'
const OR = 'Or write `unreadable-tags: ignore` to take it for broken'
const PASSED = 'What it needs is unknown, and `unreadable-tags: ignore` takes it for broken before this run'

/**
 * What cannot be read cannot be known, so nothing may be deleted that it might need, unless the user says that it may.
 * A lie is never passed over, nor is a protected tag, nor one that belongs to the image by its name.
 *
 * @param image manifests of the image and of what is attached to it
 */
export function unreadable(
  survey: Survey,
  remaining: readonly Remaining[],
  holders: Holders,
  { unreadableTags, cleanup }: Pick<Rules, 'unreadableTags' | 'cleanup'>,
  image: ReadonlySet<Digest> = new Set(),
): Unreadable {
  const refusals: string[] = []
  const warnings: string[] = []
  const ignored = new Set<Tag | Digest>()
  const name = (tag: Tag): string => `${survey.repository}:${tag}`
  const way = cleanup === true ? WAY : `${WAY}, or name it in \`image\` too`
  const about = (what: string, passable: boolean, ...names: (Tag | Digest)[]): void => {
    if (!passable) refusals.push(`${what}. ${way}`)
    else if (unreadableTags === 'refuse') refusals.push(`${what}. ${way}. ${OR}`)
    else {
      warnings.push(`${what}. ${PASSED}`)
      for (const each of names) ignored.add(each)
    }
  }
  const keys = new Set([...image].filter((digest) => !holders.held.has(digest)).map(keyOf))
  const guarded = new Set(remaining.flatMap((each) => (each.protected ? [each.tag] : [])))
  for (const { tag } of remaining) {
    const state = survey.tags.get(tag)
    if (state?.is === 'unreadable' && keys.has(subjectKey(tag) ?? ''))
      refusals.push(
        `${name(tag)} belongs to the image by its name, and cannot be read: ${state.why}. What it holds is unknown, and it was to go as well. Repair it, or delete it by hand`,
      )
    else if (state?.is === 'unreadable')
      about(`${name(tag)} stays, but cannot be read: ${state.why}`, !guarded.has(tag), tag)
    if (state?.is === 'lie')
      refusals.push(`${name(tag)} stays, but the registry's answer cannot be true: ${state.why}`)
    if (state?.is === 'unknown' && guarded.has(tag))
      about(`${name(tag)} is in protected-tags, but its manifest is unknown to the registry`, false)
  }
  const blind = new Set([...survey.missing.keys()].filter((digest) => holders.held.has(digest)))
  for (const [digest, tags] of holders.of(blind)) {
    const missing = survey.missing.get(digest)
    const why =
      missing === undefined || missing.is === 'missing' ? 'it is unknown to the registry' : missing.why
    const passable = missing?.is !== 'lie' && !tags.some((tag) => guarded.has(tag))
    about(
      `${tags.map(name).join(', ')} needs the manifest ${digest}, which cannot be read: ${why}`,
      passable,
      digest,
    )
  }
  for (const [subject, why] of survey.referrersUnclear)
    if (holders.held.has(subject))
      about(
        `What refers to ${survey.repository}@${subject}, which stays, cannot be told: ${why}`,
        true,
        subject,
      )
  return { refusals, warnings, ignored }
}
