import { describe, expect, test } from '@jest/globals'
import { readNames } from '../../src/config/named.js'
import type { Digest } from '../../src/oci/digest.js'
import type { Repository } from '../../src/oci/reference.js'
import type { Tag } from '../../src/oci/tag.js'
import type { PlannedContent, RepositoryPlan } from '../../src/plan/plan.js'
import type { Log } from '../../src/report/log.js'
import { Narrator } from '../../src/report/narrate.js'
import { of } from './reports.js'

const app = 'acme/app' as Repository

/** Keeps what is told, a line each. */
function listen(): { log: Log; lines: string[] } {
  const lines: string[] = []
  const tell =
    (kind: string) =>
    (text = ''): void => {
      lines.push(`${kind}: ${text}`)
    }
  const [begin, end, info, notice, warning, error, debug] = [
    'begin',
    'end',
    'info',
    'notice',
    'warning',
    'error',
    'debug',
  ].map(tell) as [Log['info'], () => void, Log['info'], Log['info'], Log['info'], Log['info'], Log['info']]
  return { log: { begin, end, info, notice, warning, error, debug }, lines }
}

const content = (name: string, more: Partial<PlannedContent> = {}): PlannedContent => ({
  digest: of(name),
  mediaType: 'x/y',
  size: 5,
  level: 0,
  named: false,
  gone: false,
  foreign: false,
  ...more,
})

const plan: RepositoryPlan = {
  repository: app,
  scope: 'image',
  tags: [
    { tag: 'leak' as Tag, digest: of('root'), root: of('root') },
    { tag: 'absent' as Tag, root: of('other') },
  ],
  manifests: [
    content('root'),
    content('other', { gone: true }),
    content('child'),
    content('missing', { gone: true }),
  ],
  blobs: [content('layer'), content('config')],
  kept: [{ ...content('base'), kind: 'blob', heldBy: ['latest' as Tag] }],
  remaining: [{ tag: 'latest' as Tag, digest: of('latest'), protected: false }],
  image: new Set(),
  ignored: new Set(),
  refusals: [],
  warnings: ['something odd'],
}

describe('the story of a run', () => {
  test('is one group a step, with its summary outside', () => {
    const { log, lines } = listen()
    const narrator = new Narrator(log, false)
    narrator.begin(app, 'Delete blobs')
    narrator.done(app, { item: { kind: 'blob', name: of('layer') }, outcome: 'deleted', at: 0 })
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
    const narrator = new Narrator(log, false)
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
    const narrator = new Narrator(log, false)
    const tag = { kind: 'tag', name: 'leak' as Tag } as const
    narrator.done(app, { item: tag, outcome: 'deleted', via: 'tag', at: 0 })
    narrator.done(app, { item: tag, outcome: 'with-manifest', via: 'manifest', detail: '400', at: 0 })
    narrator.done(app, { item: tag, outcome: 'failed', detail: '500', at: 0 })
    expect(lines).toEqual([
      'info: tag leak: deleted',
      'info: tag leak: goes with its manifest (by manifest; 400)',
      'info: tag leak: NOT deleted (500)',
    ])
  })
})

describe('a plan in the log', () => {
  const { log, lines } = listen()
  new Narrator(log, false).plan(plan, of('the plan'))
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
    const { named, problems } = readNames(block('image'), block('blobs'), 'https://registry.example.com')
    expect(problems).toEqual([])
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
    new Narrator(heard.log, false).plan({ ...plan, tags }, of('the plan'))
    expect(heard.lines).toContain(`info: tag sig goes (${of('s')}), since it belongs to ${of('root')}`)
    expect(heard.lines.join('\n')).toContain(`  acme/app:sig@${of('s')}`)
  })

  test.each(['tag', 'gitlab', 'placeholder'] as const)(
    'of labels says what stays, and the way (%s)',
    (way) => {
      const heard = listen()
      const tags = plan.tags.map((each) => ({ ...each, onlyLabel: 'so it was asked' }))
      const labels = { ...plan, scope: 'tag', tags, manifests: [], blobs: [], kept: [], way } as const
      new Narrator(heard.log, false).plan(labels, of('the plan'))
      const said = heard.lines.join('\n')
      expect(said).toContain(`manifest ${of('root')} stays, with all it needs: only labels go`)
      expect(said).toMatch(/the labels go by \S/)
      expect(said).toContain('with `scope: tag`:')
      expect(said).toContain('Plan: 2 labels and nothing else go')
    },
  )

  test('of nothing has no such lines', () => {
    const heard = listen()
    new Narrator(heard.log, false).plan({ ...plan, tags: [], manifests: [], blobs: [] }, of('the plan'))
    expect(heard.lines.join('\n')).not.toMatch(/later run|image: \||blobs: \|/)
  })

  test('that is refused says so, and each reason as an error outside the group', () => {
    const heard = listen()
    const narrator = new Narrator(heard.log, false)
    const refused = { ...plan, refusals: ['first', 'second'] }
    narrator.plan(refused, of('the plan'))
    narrator.refusals({
      repositories: [refused],
      fingerprint: of('the plan'),
      refusals: ['of all'],
      warnings: [],
    })
    expect(heard.lines).toContain('info: Plan: refused (2 reasons)')
    expect(heard.lines.slice(-3)).toEqual(['error: of all', 'error: first', 'error: second'])
  })
})
