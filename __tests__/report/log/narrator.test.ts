import { describe, expect, test } from '@jest/globals'
import { readNamed } from '../../../src/config/ask/named.js'
import { InputReader } from '../../../src/config/reader.js'
import type { Digest } from '../../../src/oci/digest.js'
import type { Tag } from '../../../src/oci/tag.js'
import type { Unselected } from '../../../src/plan/plan.js'
import { Narrator } from '../../../src/report/log/narrator.js'
import { listen } from '../listen.js'
import { app, LABEL, partOf, plannedContent, plannedTag, selectionOf, STAYS } from '../plans.js'
import { of, problem } from '../reports.js'

const plan = partOf({
  tags: [plannedTag('leak'), { tag: 'absent' as Tag, root: of('other') }],
  manifests: [
    plannedContent('root'),
    plannedContent('other', { gone: true }),
    plannedContent('child'),
    plannedContent('missing', { gone: true }),
  ],
  blobs: [plannedContent('layer'), plannedContent('config')],
  kept: [{ ...plannedContent('base'), kind: 'blob', heldBy: ['latest' as Tag] }],
  remaining: [{ tag: 'latest' as Tag, digest: of('latest'), protected: false }],
  warnings: [problem('something odd')],
})

describe('the story of a run', () => {
  test('is one group a step, with its summary outside', () => {
    const { log, lines } = listen()
    const narrator = new Narrator(log)
    narrator.begin(app, 'Delete blobs')
    narrator.done({ item: { kind: 'blob', name: of('layer') }, outcome: 'deleted', at: 0 })
    narrator.end(app, 'Delete blobs', '1 deleted')
    expect(lines).toEqual([
      'begin: Delete blobs',
      `info: blob ${of('layer')}: deleted`,
      'end: ',
      'info: Delete blobs: 1 deleted',
    ])
  })

  test('names the repository in each title where there are several', () => {
    const { log, lines } = listen()
    new Narrator(log, true).begin(app, 'Verify')
    expect(lines).toEqual(['begin: Verify (acme/app)'])
  })

  test('never has a group in a group, and ends one that an error left open', () => {
    const { log, lines } = listen()
    const narrator = new Narrator(log)
    narrator.begin(app, 'Delete tag')
    narrator.begin(app, 'Verify')
    narrator.close()
    narrator.close()
    const ended = (title: string): string[] => [
      `begin: ${title}`,
      'end: ',
      `info: ${title}: not finished, for the reason below`,
    ]
    expect(lines).toEqual([...ended('Delete tag'), ...ended('Verify')])
  })

  test('says what came of each thing, by which way, and why', () => {
    const { log, lines } = listen()
    const narrator = new Narrator(log)
    const tag = { kind: 'tag', name: 'leak' as Tag } as const
    narrator.done({ item: tag, outcome: 'deleted', via: 'tag', at: 0 })
    narrator.done({
      item: tag,
      outcome: 'with-manifest',
      via: 'manifest',
      detail: { is: 'answered', answered: '400' },
      at: 0,
    })
    narrator.done({ item: tag, outcome: 'failed', detail: { is: 'answered', answered: '500' }, at: 0 })
    expect(lines).toEqual([
      'info: tag leak: deleted',
      'info: tag leak: to be deleted with its manifest (by manifest; 400)',
      'info: tag leak: NOT deleted (500)',
    ])
  })
})

describe('a plan in the log', () => {
  const { log, lines } = listen()
  new Narrator(log).part(plan, of('the plan'))
  const text = lines.join('\n')

  test('has every digest, and the fingerprint', () => {
    const all = [...plan.manifests, ...plan.blobs, ...plan.kept].map(({ digest }) => digest)
    for (const digest of [...all, of('the plan')]) expect(text).toContain(digest)
    expect(text).toContain(`blob ${of('base')} stays and will be STILL SERVED, since it is needed by latest`)
  })

  test('has its warnings', () => {
    expect(lines).toContain('info: warning: something odd')
  })

  test('has lines that a later run takes as they are, for everything that goes', () => {
    const block = (name: string): string => {
      const [, body = ''] = new RegExp(`^${name}: \\|\\n((?:  \\S+(?:\\n|$))+)`, 'm').exec(text) ?? []
      return body
    }
    const inputs = { image: block('image'), blobs: block('blobs') }
    const reader = new InputReader(new Map(Object.entries(inputs)))
    const { named } = readNamed(reader, 'https://registry.example.com')
    expect(reader.problems).toEqual([])
    expect(named).toEqual([
      {
        repository: app,
        tags: [
          { tag: 'leak', digest: of('root') },
          { tag: 'absent', digest: of('other') },
        ],
        digests: [of('child')],
        blobs: [of('layer'), of('config')] satisfies Digest[],
      },
    ])
  })

  test('has no such line for a child that is gone already: named, it would be a root whose blobs are unknown', () => {
    expect(text).not.toContain(`acme/app@${of('missing')}`)
  })

  test('says why a tag goes that was not named', () => {
    const heard = listen()
    const tags = [{ tag: 'sig' as Tag, digest: of('s'), root: of('s'), belongsTo: of('root') }]
    new Narrator(heard.log).part({ ...plan, tags }, of('the plan'))
    expect(heard.lines).toContain(`info: tag sig goes (${of('s')}), since it belongs to ${of('root')}`)
    expect(heard.lines.join('\n')).toContain(`  acme/app:sig@${of('s')}`)
  })

  test.each(['tag', 'gitlab', 'placeholder'] as const)(
    'of labels says what stays, and the way (%s)',
    (way) => {
      const heard = listen()
      const tags = plan.tags.map((each) => ({ ...each, onlyLabel: LABEL }))
      const labels = { ...plan, scope: 'tag', tags, manifests: [], blobs: [], kept: [], way } as const
      new Narrator(heard.log).part(labels, of('the plan'))
      const said = heard.lines.join('\n')
      expect(said).toContain(`manifest ${of('root')} stays, with all it needs: only labels go`)
      expect(said).toMatch(/the labels go by \S/)
      expect(said).toContain('with `scope: tag`:')
      expect(said).toContain('Plan: 2 labels and nothing else go')
    },
  )

  test('of nothing has no such lines', () => {
    const heard = listen()
    new Narrator(heard.log).part({ ...plan, tags: [], manifests: [], blobs: [] }, of('the plan'))
    expect(heard.lines.join('\n')).not.toMatch(/later run|image: \||blobs: \|/)
  })

  test('that is refused says so in its summary', () => {
    const heard = listen()
    const refused = { ...plan, refusals: [problem('first'), problem('second')] }
    new Narrator(heard.log).part(refused, of('the plan'))
    expect(heard.lines.slice(-2)).toEqual(['end: ', 'info: Plan: refused (2 reasons)'])
  })

  test('sums up what goes and what stays', () => {
    const sumOf = (more: Parameters<typeof partOf>[0]): string | undefined => {
      const heard = listen()
      new Narrator(heard.log).part({ ...plan, ...more }, of('the plan'))
      return heard.lines.at(-1)
    }
    const stay = '1 tag must still pull afterwards'
    expect(sumOf({})).toBe(
      `info: Plan: 2 tags, 4 manifests and 2 blobs go, 1 of the image's digests stay, ${stay}`,
    )
    const label = plannedTag('label', { onlyLabel: LABEL })
    expect(sumOf({ tags: [plannedTag('leak'), label] })).toContain('2 tags (1 of them as a label only), 4')
    expect(sumOf({ tags: [label, label] })).toContain('2 tags (2 of them as labels only), 4')
    expect(sumOf({ scope: 'tag', tags: [label] })).toBe(`info: Plan: 1 label and nothing else goes, ${stay}`)
  })

  test('of a repository in which nothing is selected says what stays', () => {
    const idle = (...unselected: Unselected[]): string[] => {
      const heard = listen()
      const narrator = new Narrator(heard.log)
      narrator.part({ is: 'idle', repository: app, selection: selectionOf(unselected) }, of('the plan'))
      return heard.lines
    }
    expect(idle()).toEqual(['begin: Plan', 'end: ', 'info: Plan: nothing to do: no tag matches'])
    const lines = idle({ tag: 'stable' as Tag, digest: of('s'), because: STAYS })
    expect(lines[2]).toMatch(/^info: acme\/app +stable +– +– +stays +\S/)
    expect(lines.at(-1)).toBe('info: Plan: nothing to do: 1 matching tag stays')
  })

  test('of a repository that could not be surveyed has no plan to print', () => {
    const heard = listen()
    new Narrator(heard.log).part({ is: 'failed', repository: app, problem: problem('x') }, of('the plan'))
    expect(heard.lines).toEqual([])
  })
})
