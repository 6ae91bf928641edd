import { describe, expect, test } from '@jest/globals'
import type { Result } from '../../src/plan/journal.js'
import type { Report } from '../../src/report/report.js'
import { verdict } from '../../src/report/verdict.js'
import { content, gone, of, reported, reportOf, repositoryOf, tagOf } from './reports.js'

const kept = ['one', 'two'].map((name) => ({ digest: of(name), heldBy: ['stable', 'latest'] }))
const blobs = ['a', 'b', 'c', 'd', 'e'].map(gone)
const open = [gone('a'), content('b', { verdict: 'present' }), content('c', { verdict: 'inconclusive' })]

const say = (
  result: Result,
  entry: Parameters<typeof repositoryOf>[0] = {},
  more: Partial<Report> = {},
): string => verdict(reportOf({ result, repositories: [repositoryOf(entry)], ...more }))

describe('the verdict', () => {
  test('of a purge counts what is gone', () => {
    expect(say('purged', { blobs })).toBe('5 digests gone')
    expect(say('purged', { blobs: [gone('a')] })).toBe('1 digest gone')
  })

  test('of a purge never says it alone where something is still served', () => {
    expect(say('purged', { blobs, kept })).toBe(
      '5 digests gone; 2 digests STILL SERVED, held by latest, stable',
    )
  })

  test('of a purge names the places that serve it still', () => {
    const exposed = ['b', 'a'].map((name) => ({ repository: `acme/${name}`, digest: of('one'), heldBy: [] }))
    expect(say('purged', { blobs, exposed })).toBe('5 digests gone; 1 digest EXPOSED in acme/a, acme/b')
  })

  test('of a label never sounds as if content had gone', () => {
    const tags = [tagOf('a', { onlyLabel: true })]
    const inputs = { inputs: { scope: 'tag' } }
    expect(say('purged', { tags }, inputs)).toBe(
      '1 of 1 label removed; the manifest it pointed to is STILL SERVED by digest, as asked',
    )
    const more = [...tags, tagOf('b'), tagOf('c', { outcome: 'already-gone' })]
    expect(say('purged', { tags: more }, inputs)).toBe(
      '2 of 3 labels removed, 1 gone before; the manifests they pointed to are STILL SERVED by digest, as asked',
    )
    expect(say('incomplete', { tags }, inputs)).toMatch(/^NOT PROVEN: 1 of 1 label removed/)
    expect(say('cancelled', { tags }, inputs)).toMatch(/^Cancelled: 1 of 1 label/)
    const planned = tags.map((tag) => ({ ...tag, outcome: 'planned' }) as const)
    expect(say('planned', { tags: planned }, inputs)).toMatch(/^Dry run: 1 label, and nothing else, would go/)
  })

  test('names some of the holders, and counts the others', () => {
    const many = [{ digest: of('k'), heldBy: Array.from({ length: 50 }, (_, at) => `v${at}`) }]
    expect(say('purged', { blobs, kept: many })).toMatch(
      /1 digest STILL SERVED, held by (v\d+, ){4}v\d+ and 45 more$/,
    )
  })

  test('of a dry run says that nothing was written, and what would stay', () => {
    expect(say('planned', { blobs })).toBe('Dry run: 5 digests would go. Nothing was written')
    expect(say('planned', { blobs, kept })).toMatch(
      /^Dry run: 5 digests would go; 2 digests would stay SERVED/,
    )
  })

  test('of a refusal gives the first reason, on one line', () => {
    const second = { problems: [reported('second')] }
    expect(say('refused', second, { problems: [reported('first\nmore')] })).toBe(
      'Refused, nothing was written: first',
    )
    expect(say('refused', second)).toBe('Refused, nothing was written: second')
    const lead = [reported('Tags stay:\n  one')]
    expect(say('refused', { problems: lead })).toBe('Refused, nothing was written: Tags stay')
    expect(say('refused')).toMatch(/^Refused, nothing was written: \S/)
  })

  test('of what is not proven says so first, and what still answers', () => {
    expect(say('incomplete', { blobs: open, kept })).toBe(
      'NOT PROVEN: 2 of 3 digests NOT proven gone (1 still served); 1 digest gone; 2 digests STILL SERVED, held by latest, stable',
    )
    expect(say('incomplete', { blobs })).toBe('NOT PROVEN: 5 digests gone')
  })

  test('of a cleanup leads with the repositories that did not come to their goal', () => {
    const inputs = { repositories: 'acme/*', scope: 'image' }
    const tags = [tagOf('a')]
    const purged = repositoryOf({ name: 'acme/a', result: 'purged', tags, blobs })
    const refused = repositoryOf({ name: 'acme/b', result: 'refused', blobs: [content('x')], kept })
    const unproven = repositoryOf({ name: 'acme/c', blobs: [content('y', { verdict: 'present' })] })
    const of3 = (...repositories: Report['repositories']): string =>
      verdict(reportOf({ result: 'incomplete', inputs, repositories }))
    expect(of3(purged, refused)).toBe('Of 2 repositories 1 refused (acme/b): 1 tag removed, 5 digests gone')
    expect(of3(purged, refused, unproven)).toBe(
      'Of 3 repositories 1 NOT PROVEN (acme/c), 1 refused (acme/b): 1 of 6 digests NOT proven gone (1 still served); 1 tag removed, 5 digests gone',
    )
    const labels = verdict(
      reportOf({
        result: 'incomplete',
        inputs: { ...inputs, scope: 'tag' },
        repositories: [repositoryOf({ name: 'acme/a', result: 'purged', tags }), refused],
      }),
    )
    expect(labels).toBe('Of 2 repositories 1 refused (acme/b): 1 of 1 label removed')
  })

  test('of a cleanup says of labels that their images are still served', () => {
    const tags = [true, false].map((onlyLabel, at) => tagOf(`t${at}`, { onlyLabel }))
    expect(say('purged', { tags, blobs }, { inputs: { repositories: 'acme/*' } })).toBe(
      '2 tags (1 of them as a label only: its image is STILL SERVED) removed, 5 digests gone',
    )
    const planned = tags.map((tag) => ({ ...tag, outcome: 'planned' }) as const)
    expect(say('planned', { tags: planned, blobs }, { inputs: { repositories: 'acme/*' } })).toBe(
      'Dry run: 2 tags (1 of them as a label only: its image would stay SERVED) and 5 digests would go. Nothing was written',
    )
  })

  test('says what became of tags, as far as there are any', () => {
    const tags = [tagOf('a'), tagOf('b', { outcome: 'with-manifest' })]
    expect(say('purged', { tags, blobs })).toBe('2 tags removed, 5 digests gone')
    const before = tagOf('c', { outcome: 'already-gone' })
    expect(say('purged', { tags: [...tags, before], blobs })).toBe(
      '2 tags removed, 1 tag gone before, 5 digests gone',
    )
    expect(say('incomplete', { tags, blobs: open })).toBe(
      'NOT PROVEN: 2 of 3 digests NOT proven gone (1 still served); 2 tags removed, 1 digest gone',
    )
    expect(say('incomplete', { tags, blobs: open.slice(1) })).toBe(
      'NOT PROVEN: 2 of 2 digests NOT proven gone (1 still served); 2 tags removed',
    )
    const failed = tagOf('d', { outcome: 'failed' })
    expect(say('incomplete', { tags: [failed], blobs: open.slice(1) })).toBe(
      'NOT PROVEN: 2 of 2 digests NOT proven gone (1 still served)',
    )
    const planned = tags.map((tag) => ({ ...tag, outcome: 'planned' }) as const)
    expect(say('planned', { tags: planned, blobs })).toBe(
      'Dry run: 2 tags and 5 digests would go. Nothing was written',
    )
  })

  test('does not call gone what was not there', () => {
    const absent = ['x', 'y'].map((name) => ({ ...gone(name), outcome: 'already-gone' }) as const)
    expect(say('purged', { blobs: absent })).toBe(
      'Nothing was deleted: 2 digests were not there to be deleted',
    )
    expect(say('purged', { blobs: [...blobs, absent[0]!] })).toBe(
      '5 digests gone, 1 digest was not there to be deleted',
    )
    expect(say('purged', { tags: [tagOf('a')], blobs: absent })).toBe(
      '1 tag removed, 2 digests were not there to be deleted',
    )
  })

  test('of several repositories leads with those that are not proven, however they were named', () => {
    const repositories = ['acme/a', 'acme/b'].map((name) => repositoryOf({ name, blobs: open }))
    expect(verdict(reportOf({ result: 'incomplete', repositories }))).toMatch(
      /^Of 2 repositories 2 NOT PROVEN \(acme\/a, acme\/b\): 2 of 3 digests NOT proven gone/,
    )
    const purged = repositories.map((each) => ({ ...each, result: 'purged' }) as const)
    expect(verdict(reportOf({ result: 'incomplete', repositories: purged }))).toMatch(/^NOT PROVEN: /)
  })

  test('of a run in which nothing is selected says what matches', () => {
    const kept = (name: string) => tagOf(name, { outcome: 'kept' })
    expect(say('nothing-to-do')).toBe(
      'Nothing to do: no tag is selected, and no tag matches. Nothing was written',
    )
    expect(say('nothing-to-do', { tags: [kept('a')] })).toContain('and 1 matching tag stays.')
    expect(say('nothing-to-do', { tags: [kept('a'), kept('b')] })).toContain('and 2 matching tags stay.')
  })

  test('of a cancelled run says so first', () => {
    expect(say('cancelled', { blobs: open })).toMatch(/^Cancelled: 2 of 3 digests NOT proven gone/)
    expect(say('cancelled')).toBe('Cancelled: nothing was done')
  })

  test.each<Result>(['refused', 'planned', 'incomplete', 'cancelled'])(
    'of a run that is %s never reads as a purge',
    (result) => {
      for (const entry of [{}, { blobs }, { blobs: open }, { blobs, kept }, { kept }])
        expect(say(result, entry)).not.toMatch(/^\d+ digests? gone/)
    },
  )
})
