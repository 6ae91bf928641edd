import type { Digest } from '../../oci/digest.js'
import type { Tag } from '../../oci/tag.js'
import type { ContentDoubt, Reason } from '../../plan/reason.js'
import { plural, some, span } from '../text.js'
import { sayUnknownDate, sayUnreadManifest, sayUnreadReferrers } from './unread.js'

/** How many tags to name. */
const TAGS = 5

type ReasonWords<R extends { readonly kind: string }, More extends unknown[] = []> = {
  readonly [K in R['kind']]: (reason: Extract<R, { readonly kind: K }>, ...more: More) => string
}

const WORDS: ReasonWords<Reason> = {
  'scope-tag': () => '`scope: tag` keeps its manifest',
  'same-manifest': ({ tags }) => `${pointing(tags)} to its manifest, too`,
  'same-child': ({ tags, child }) => `${pointing(tags)} to its child ${child}, too`,
  needed: () => 'an index or image that stays needs its manifest',
  'same-config': ({ digest }) => `${digest}, which stays, is the same image by its config`,
  'date-unknown': ({ why }) => `its date is unknown${why === undefined ? '' : `: ${sayUnknownDate(why)}`}`,
  'date-meaningless': ({ at }) => `its date is ${iso(at)}, which says nothing`,
  'date-in-future': ({ at }) => `its date is ${iso(at)}, which is in the future`,
  dangling: () => 'the registry does not know its manifest: it was broken before this run',
  unreadable: ({ why }) => `it cannot be read: ${sayUnreadManifest(why)}`,
  protected: ({ pattern }) => `protected-tags: ${pattern}`,
  'among-newest': ({ place, keepNewest }) =>
    `number ${place} of the newest, and keep-newest is ${keepNewest}`,
  'too-young': ({ age, olderThan }) => `created ${span(age)} ago, and older-than is ${span(olderThan)}`,
  'content-unknown': ({ image, doubt }) => `it is unknown what belongs to it: ${sayDoubt(doubt, image)}`,
  'label-not-removable': ({ label, answered }) =>
    `${sayReason(label)}, and this registry cannot remove a label alone (${answered})`,
}

const DOUBTS: ReasonWords<ContentDoubt, [name: string]> = {
  schema1: (_, name) => `${name} is a schema 1 manifest`,
  'unknown-kind': (_, name) => `${name} is a manifest of a kind that this action does not know`,
  'unknown-media-type': (_, name) => `${name} lists content of a media type that this action does not know`,
  'manifest-unreadable': ({ digest, why }) => `${digest} cannot be read: ${sayUnreadManifest(why)}`,
  'referrers-unclear': ({ digest, why }) =>
    `the referrers of ${digest} cannot be listed: ${sayUnreadReferrers(why)}`,
  'attached-tag-unreadable': ({ tag, why }) =>
    `${tag}, which belongs to it by its name, cannot be read: ${sayUnreadManifest(why)}`,
}

/** Puts a reason into words that follow "since" or a colon. */
export function sayReason(reason: Reason): string {
  return (WORDS[reason.kind] as (reason: Reason) => string)(reason)
}

function sayDoubt(doubt: ContentDoubt, image: Digest): string {
  const name = 'digest' in doubt && doubt.digest !== image ? doubt.digest : 'it'
  return (DOUBTS[doubt.kind] as (doubt: ContentDoubt, name: string) => string)(doubt, name)
}

function pointing(tags: readonly Tag[]): string {
  return `${some(tags, TAGS)} ${plural(tags.length, 'points', 'point')}`
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
