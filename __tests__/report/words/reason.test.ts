import { expect, test } from '@jest/globals'
import type { Tag } from '../../../src/oci/tag.js'
import type { ContentDoubt, Reason } from '../../../src/plan/reason.js'
import { sayReason } from '../../../src/report/words/reason.js'
import { of } from '../reports.js'

const DAY = 86_400_000
const at = Date.UTC(1980, 0, 1)
const [one, two] = [of('one'), of('two')]
const broke = { is: 'unanswered', message: 'it broke' } as const
const tags = (count: number): Tag[] => Array.from({ length: count }, (_, at) => `v${at}` as Tag)

test.each<[Reason, string]>([
  [{ kind: 'scope-tag' }, '`scope: tag` keeps its manifest'],
  [{ kind: 'same-manifest', tags: tags(1) }, 'v0 points to its manifest, too'],
  [{ kind: 'same-manifest', tags: tags(7) }, 'v0, v1, v2, v3, v4 and 2 more point to its manifest, too'],
  [{ kind: 'same-child', tags: tags(2), child: one }, `v0, v1 point to its child ${one}, too`],
  [{ kind: 'needed' }, 'an index or image that stays needs its manifest'],
  [{ kind: 'same-config', digest: one }, `${one}, which stays, is the same image by its config`],
  [
    { kind: 'label-not-removable', label: { kind: 'needed' }, answered: '403 DENIED' },
    'an index or image that stays needs its manifest, and this registry cannot remove a label alone (403 DENIED)',
  ],
  [{ kind: 'dangling' }, 'the registry does not know its manifest: it was broken before this run'],
  [{ kind: 'unreadable', why: broke }, 'it cannot be read: it broke'],
  [{ kind: 'protected', pattern: 'v*' }, 'protected-tags: v*'],
  [{ kind: 'among-newest', place: 2, keepNewest: 3 }, 'number 2 of the newest, and keep-newest is 3'],
  [{ kind: 'too-young', age: 13.5 * DAY, olderThan: 14 * DAY }, 'created 13d ago, and older-than is 14d'],
  [{ kind: 'date-unknown' }, 'its date is unknown'],
  [{ kind: 'date-unknown', why: broke }, 'its date is unknown: it broke'],
  [{ kind: 'date-meaningless', at }, 'its date is 1980-01-01T00:00:00.000Z, which says nothing'],
  [{ kind: 'date-in-future', at }, 'its date is 1980-01-01T00:00:00.000Z, which is in the future'],
])('%j', (reason, said) => {
  expect(sayReason(reason)).toBe(said)
})

test.each<[ContentDoubt, string]>([
  [{ kind: 'schema1', digest: one }, 'it is a schema 1 manifest'],
  [{ kind: 'schema1', digest: two }, `${two} is a schema 1 manifest`],
  [{ kind: 'unknown-kind', digest: two }, `${two} is a manifest of a kind that this action does not know`],
  [
    { kind: 'unknown-media-type', digest: one },
    'it lists content of a media type that this action does not know',
  ],
  [{ kind: 'manifest-unreadable', digest: two, why: broke }, `${two} cannot be read: it broke`],
  [
    { kind: 'referrers-unclear', digest: one, why: broke },
    `the referrers of ${one} cannot be listed: it broke`,
  ],
  [
    { kind: 'attached-tag-unreadable', tag: 'sig' as Tag, why: broke },
    'sig, which belongs to it by its name, cannot be read: it broke',
  ],
])('it is unknown what belongs to an image: %j', (doubt, said) => {
  const reason: Reason = { kind: 'content-unknown', image: one, doubt }
  expect(sayReason(reason)).toBe(`it is unknown what belongs to it: ${said}`)
})
