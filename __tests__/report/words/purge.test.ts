import { describe, expect, test } from '@jest/globals'
import type { Repository } from '../../../src/oci/reference.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { Detail, KeptBecause } from '../../../src/plan/outcome.js'
import type { PurgeProblem } from '../../../src/plan/problems/purge.js'
import { sayBecause, sayDetail } from '../../../src/report/words/detail.js'
import { say } from '../../../src/report/words/problem.js'
import { of } from '../reports.js'
import type { Doubt } from '../../../src/plan/problems/plan.js'

const repository = 'acme/app' as Repository
const [digest, other] = [of('root'), of('other')]
const answered = '500 UNKNOWN'
const item = { kind: 'tag', name: 'leak' as Tag } as const
const by = ['new' as Tag, 'newer' as Tag]
const needed: KeptBecause = { is: 'needed', by }
const why = { is: 'refused', answered } as const
const doubt: Doubt = { kind: 'tag-unreadable-now', repository, tag: 'stays' as Tag, why }
const left = [{ digest: other, answered }]

describe('why something is kept', () => {
  test.each<[KeptBecause, string]>([
    [needed, 'a tag needs it now: new, newer'],
    [{ is: 'moved', to: other }, `somebody else pushed ${other}, to which it points now`],
    [{ is: 'unsure', doubt }, 'acme/app:stays cannot be read now: the registry returned 500 UNKNOWN'],
    [{ is: 'unchecked', problem: { kind: 'no-response', message: 'no list' } }, 'no list'],
    [{ is: 'unread-manifest', digest, answered }, `${digest} could not be read by digest (500 UNKNOWN)`],
    [
      { is: 'last-tag', repository, digest, by, answered },
      'failed (500 UNKNOWN). Allow the user to push to acme/app',
    ],
  ])('%j', (because, text) => {
    expect(sayBecause(because)).toContain(text)
  })
})

describe('what is known besides the outcome', () => {
  test.each<[Detail, string]>([
    [{ is: 'answered', answered }, answered],
    [
      { is: 'found-gone', answered, seen: true },
      'the response to the DELETE was 500 UNKNOWN; it is gone now',
    ],
    [{ is: 'found-gone', answered, seen: false }, 'nothing shows that it was there before'],
    [{ is: 'foreign-404', answered }, '500 UNKNOWN; the 404 after it does not come from the registry itself'],
    [{ is: 'foreign-404' }, 'the DELETE was delayed; the 404 after it'],
    [{ is: 'unchecked' }, 'could not be checked before its DELETE'],
    [{ is: 'in-flight' }, 'in flight when the run was stopped'],
    [{ is: 'not-tried' }, 'not tried'],
    [{ is: 'kept', because: needed }, 'a tag needs it now: new, newer'],
    [
      { is: 'kept', because: needed, after: 'deleted' },
      'a tag needs it now: new, newer; before, it was deleted',
    ],
    [{ is: 'repeated', answers: ['202', '404'] }, 'deleted again 2 times in a row: 202 404'],
    [
      { is: 'repeated', answers: ['202'], ended: needed },
      'in a row: 202; then kept: a tag needs it now: new',
    ],
    [{ is: 'repeated', answers: [], ended: needed }, 'kept: a tag needs it now: new, newer'],
    [
      { is: 'placeholder', digest, parts: [of('a'), of('b')], before: other },
      `to the placeholder ${digest} (of the blobs ${of('a')} and ${of('b')}), which holds nothing; before it pointed to ${other}`,
    ],
    [{ is: 'placeholder', digest, parts: [] }, 'before it pointed to nothing'],
    [
      { is: 'as-before', digest, answered, left, putBack: false },
      `the placeholder ${other} could not be deleted (500 UNKNOWN); the tag points to ${digest} as before`,
    ],
    [
      { is: 'as-before', digest, answered, left: [], putBack: true },
      `500 UNKNOWN; the tag was put back and points to ${digest} as before`,
    ],
    [{ is: 'undeletable-parts', answered }, 'it returned 500 UNKNOWN to the probe'],
    [{ is: 'upload-failed', digest, answered }, `the upload of ${digest} failed: 500 UNKNOWN`],
  ])('%j', (detail, text) => {
    expect(sayDetail(detail)).toContain(text)
  })
})

describe('a problem of the purge names what it is about', () => {
  const detail: Detail = { is: 'answered', answered }
  const tag = 'acme/app:leak'
  test.each<[PurgeProblem, string[], string]>([
    [
      { kind: 'blobs-kept', repository, because: needed },
      ['acme/app'],
      'were not deleted: a tag needs it now: new',
    ],
    [
      { kind: 'item-kept', repository, item, because: needed },
      [tag],
      `tag ${tag} was kept: a tag needs it now: new`,
    ],
    [{ kind: 'item-not-deleted', repository, item, detail }, [tag], 'the registry returned 500 UNKNOWN'],
    [
      { kind: 'delete-not-permitted', repository, item, answered: '403' },
      [tag],
      'action `delete` on acme/app',
    ],
    [{ kind: 'outcome-unknown', repository, item, detail }, [tag], `whether tag ${tag} was deleted`],
    [{ kind: 'label-not-removed', repository, item, detail }, [tag], 'was not removed: 500 UNKNOWN'],
    [{ kind: 'push-not-permitted', repository, item, answered: '403' }, [tag], 'actions `push` and `delete`'],
    [
      {
        kind: 'label-on-placeholder',
        repository,
        item,
        placeholder: other,
        before: digest,
        failure: { is: 'absent' },
      },
      [tag, `acme/app@${other}`],
      `could not be put back (it does not resolve). Before, it pointed to ${digest}`,
    ],
    [{ kind: 'placeholder-left', repository, digest, answered }, [`acme/app@${digest}`], 'it holds nothing'],
    [{ kind: 'placeholder-part-left', repository, digest, answered }, [`acme/app@${digest}`], answered],
    [
      { kind: 'label-took-manifest', repository, item, digest, pushAnswered: '403' },
      [tag, `acme/app@${digest}`],
      'failed (403): allow the user to push to acme/app',
    ],
  ])('%j', (problem, items, text) => {
    expect(say(problem).items).toEqual(items)
    expect(say(problem).text).toContain(text)
  })
})
