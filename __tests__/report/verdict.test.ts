import { describe, expect, test } from '@jest/globals'
import type { Report, Result } from '../../src/report/report.js'
import { verdict } from '../../src/report/verdict.js'
import { content, gone, of, reportOf, repositoryOf } from './reports.js'

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
    const tags = [{ tag: 'a', digest: of('root'), outcome: 'deleted', via: 'tag', reason: null } as const]
    const inputs = { inputs: { scope: 'tag' } }
    expect(say('purged', { tags }, inputs)).toBe(
      '1 of 1 label removed; what they pointed at is STILL SERVED by digest, as asked',
    )
    expect(say('incomplete', { tags }, inputs)).toMatch(/^NOT PROVEN: 1 of 1 label removed/)
    expect(say('cancelled', { tags }, inputs)).toMatch(/^Cancelled: 1 of 1 label/)
    expect(say('planned', { tags }, inputs)).toMatch(/^Dry run: 1 label, and nothing else, would go/)
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
    expect(say('refused', { problems: ['second'] }, { problems: ['first\nmore'] })).toBe(
      'Refused, nothing was written: first',
    )
    expect(say('refused', { problems: ['second'] })).toBe('Refused, nothing was written: second')
    expect(say('refused')).toMatch(/^Refused, nothing was written: \S/)
  })

  test('of what is not proven says so first, and what still answers', () => {
    expect(say('incomplete', { blobs: open, kept })).toBe(
      'NOT PROVEN: 2 of 3 digests NOT proven gone (1 still answer); 1 digest gone; 2 digests STILL SERVED, held by latest, stable',
    )
    expect(say('incomplete', { blobs })).toBe('NOT PROVEN: 5 digests gone')
  })

  test('of a cleanup leads with the repositories that did not come to their goal', () => {
    const inputs = { repositories: 'acme/*', scope: 'image' }
    const tags = [{ tag: 'a', digest: of('a'), outcome: 'deleted', via: 'tag', reason: null } as const]
    const purged = repositoryOf({ name: 'acme/a', result: 'purged', tags, blobs })
    const refused = repositoryOf({ name: 'acme/b', result: 'refused', blobs: [content('x')], kept })
    const unproven = repositoryOf({ name: 'acme/c', blobs: [content('y', { verdict: 'present' })] })
    const of3 = (...repositories: Report['repositories']): string =>
      verdict(reportOf({ result: 'incomplete', inputs, repositories }))
    expect(of3(purged, refused)).toBe('Of 2 repositories 1 refused (acme/b): 1 tag removed, 5 digests gone')
    expect(of3(purged, refused, unproven)).toBe(
      'Of 3 repositories 1 NOT PROVEN (acme/c), 1 refused (acme/b): 1 of 6 digests NOT proven gone (1 still answer); 1 tag removed, 5 digests gone',
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
    const tags = ['only the label goes: stable points at its manifest, too', null].map(
      (reason, at) => ({ tag: `t${at}`, digest: of('a'), outcome: 'deleted', via: 'tag', reason }) as const,
    )
    expect(say('purged', { tags, blobs }, { inputs: { repositories: 'acme/*' } })).toBe(
      '2 tags (1 of them as a label only: its image is STILL SERVED) removed, 5 digests gone',
    )
    const planned = tags.map((tag) => ({ ...tag, outcome: 'planned' }) as const)
    expect(say('planned', { tags: planned, blobs }, { inputs: { repositories: 'acme/*' } })).toBe(
      'Dry run: 2 tags (1 of them as a label only: its image would stay SERVED) and 5 digests would go. Nothing was written',
    )
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
