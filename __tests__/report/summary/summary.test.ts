import { describe, expect, test } from '@jest/globals'
import type { Report, Run } from '../../../src/report/report.js'
import { renderSummary } from '../../../src/report/summary/summary.js'
import { content, gone, HOSTILE, of, reported, reportOf, repositoryOf, tagOf } from '../reports.js'

const PATH = '/tmp/report.json'
const KIB = 1024

const purged = reportOf({
  result: 'purged',
  reason: 'INC-42',
  repositories: [
    repositoryOf({
      tags: [tagOf('debug-42')],
      manifests: [gone('root')],
      blobs: [gone('layer')],
      kept: [{ digest: of('base'), heldBy: ['latest', 'stable'] }],
      remaining: [
        { tag: 'latest', digest: of('latest'), verdict: 'intact', detail: null },
        { tag: 'old', digest: null, verdict: 'broken-before', detail: 'it dangled' },
      ],
      warnings: ['old is listed, but its manifest is unknown'],
    }),
  ],
})

describe('the summary', () => {
  test('has the verdict first, with what is still served', () => {
    expect(renderSummary(purged, PATH).split('\n')[0]).toBe(
      '## ✅ 1 tag removed, 2 digests gone; 1 digest STILL SERVED, held by latest, stable',
    )
  })

  test('then says what leaked, what is gone, what was kept, and what remains', () => {
    const parts = [
      '`INC-42`',
      `| \`debug-42\` | \`${of('root')}\` | deleted |`,
      `| manifest | \`${of('root')}\` | 5 B | deleted | gone | 5 | 2026-01-02T03:04:07.000Z – 2026-01-02T03:04:12.000Z |`,
      `| blob | \`${of('layer')}\` | 5 B | deleted | gone | 5 |`,
      `| \`${of('base')}\` | \`latest, stable\` |`,
      '1 of 2 remaining tags',
      `| \`latest\` | \`${of('latest')}\` | intact |`,
      '| `old` |  | broken-before |',
      'Not checked',
      of('the plan'),
      PATH,
      'Rotate every credential',
      "Run the registry's garbage collection",
      'https://github.com/acme/search/actions/runs/42',
    ]
    const summary = renderSummary(purged, PATH)
    const places = parts.map((part) => summary.indexOf(part))
    expect(parts.filter((_, at) => (places[at] ?? -1) < 0)).toEqual([])
    expect(places).toEqual([...places].sort((one, other) => one - other))
  })

  test('lists what other repositories serve, and names only other ones as not checked', () => {
    const exposed = [{ repository: 'acme/copy', digest: of('layer'), heldBy: ['v1', 'v2'] }]
    const report = {
      ...purged,
      requests: { search: 3 },
      repositories: [repositoryOf({ exposed })],
    }
    const summary = renderSummary(report, PATH)
    expect(summary).toContain(`| \`acme/copy\` | \`${of('layer')}\` | \`v1, v2\` |`)
    expect(summary).toContain('Repositories other than those in `search-repositories`')
  })

  test('of a label does not advise to rotate or to collect anything', () => {
    const summary = renderSummary({ ...purged, inputs: { scope: 'tag' } }, PATH)
    expect(summary).not.toMatch(/Rotate|garbage collection, so/)
    expect(summary).toContain('It is still served')
  })

  test('says what is in the way', () => {
    const report = reportOf({
      result: 'refused',
      problems: [reported('the first')],
      repositories: [repositoryOf({ problems: [reported('the second\n  with a line')] })],
    })
    const summary = renderSummary(report, PATH)
    expect(summary).toMatch(/^## ⛔ Refused, nothing was written: the first\n/)
    expect(summary).toContain('- the first\n- the second<br>  with a line\n')
  })

  test('names the repository of a problem that does not name it itself', () => {
    const problems = [
      reported('no permission', 'acme/application'),
      reported('it cannot be listed', 'acme/app'),
      reported('it dangles', 'acme/app:v1'),
      reported('it is needed', `acme/app@${of('a')}`),
    ]
    const repositories = [repositoryOf({ problems }), repositoryOf({ name: 'acme/b' })]
    const summary = renderSummary(reportOf({ result: 'refused', repositories }), PATH)
    expect(summary).toContain(
      '- acme/app: no permission\n- it cannot be listed\n- it dangles\n- it is needed\n',
    )
    const alone = renderSummary(reportOf({ result: 'refused', repositories: repositories.slice(0, 1) }), PATH)
    expect(alone).toContain('- no permission\n')
  })

  test('of a cleanup says of each tag what it had, and of each repository what became of it', () => {
    const tag: typeof tagOf = (name, more) => tagOf(name, { digest: of('a'), ...more })
    const signature = `${of('a').replace(':', '-')}.sig`
    const summary = renderSummary(
      reportOf({
        result: 'incomplete',
        inputs: { repositories: 'acme/*', 'as-of': '2026-01-02T00:00:00.000Z' },
        repositories: [
          repositoryOf({
            name: 'acme/a',
            result: 'purged',
            tags: [
              tag('debug-1', { created: '2026-01-01T00:00:00.000Z', size: 917 }),
              tag(signature),
              tag('debug-2', { digest: null, outcome: 'kept', reason: 'it cannot be read' }),
            ],
          }),
          repositoryOf({ name: 'acme/b', result: 'refused', problems: [reported('No permission')] }),
        ],
      }),
      PATH,
    )
    expect(summary).toContain(
      `| \`acme/a\` | \`debug-1\` | \`${of('a')}\` | 24h | 917 B | deleted | its image goes |`,
    )
    expect(summary).toContain(
      `\`${signature}\` | \`${of('a')}\` | – | – | deleted | belongs to an image that goes |`,
    )
    expect(summary).toContain('`debug-2` | – | – | – | stays | `it cannot be read` |')
    expect(summary).toContain('- acme/b: No permission\n')
    expect(summary).not.toContain('tag that leaked')
    expect(summary).toContain('### `acme/a`: purged\n')
    expect(summary).toContain('### `acme/b`: refused\n')
    expect(summary).toMatch(/^1\. Read above what became of each repository.*\n2\. Rotate/m)
  })

  test('of several repositories says how to go on with one that is not proven', () => {
    const repositories = [repositoryOf({ result: 'purged' }), repositoryOf({ name: 'acme/b' })]
    expect(renderSummary(reportOf({ repositories }), PATH)).toMatch(
      /^1\. Read above what became of each repository.*\n2\. Run again with the lines.*\n3\. Rotate/m,
    )
  })

  test.each<[Report['result'], RegExp]>([
    ['purged', /^1\. Rotate[\s\S]*garbage collection[\s\S]*caches[\s\S]*Keep the report/m],
    ['planned', /run again with `dry-run: false` and `approve: sha256:\w{64}`/],
    ['refused', /^1\. Remove what is in the way/m],
    ['incomplete', /^1\. Run again with the lines that the step Plan printed/m],
    ['cancelled', /^1\. Run again with the lines that the step Plan printed/m],
  ])('of a run that is %s says what to do next', (result, next) => {
    expect(renderSummary(reportOf({ result }), PATH)).toMatch(next)
  })
})

describe('a summary of too much', () => {
  const names = (many: number): string[] => Array.from({ length: many }, (_, at) => `name${at}`)

  test('is at most 900 KiB, and says how much was left out', () => {
    const many = names(20_000)
    const report = reportOf({
      result: 'purged',
      repositories: [
        repositoryOf({
          blobs: many.map(gone),
          kept: many.map((name) => ({ digest: of(`k${name}`), heldBy: ['latest'] })),
          remaining: many.map((name) => ({ tag: name, digest: of(name), verdict: 'intact', detail: null })),
        }),
      ],
    })
    const summary = renderSummary(report, PATH)
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(900 * KIB)
    expect(Buffer.byteLength(summary)).toBeGreaterThan(800 * KIB)
    const shown = summary.split('\n').filter((line) => line.startsWith('| blob | ')).length
    expect(summary).toContain(`… and ${20_000 - shown} more`)
    expect(summary).toMatch(/^## ✅ 20000 digests gone; 20000 digests STILL SERVED/)
    expect(summary).toContain('Rotate every credential')
    const [, left = ''] = /… (\d+) lines in all were left out here/.exec(summary) ?? []
    expect(Number(left)).toBeGreaterThanOrEqual(60_000 - shown)
  })

  test('is at most 900 KiB also with thousands of repositories', () => {
    const repositories = names(6000).map((name) =>
      repositoryOf({
        name: `acme/${name}`,
        tags: [tagOf('leak', { digest: of(name) })],
        blobs: [gone(name)],
        kept: [{ digest: of(`k${name}`), heldBy: ['latest'] }],
        remaining: [{ tag: 'latest', digest: of(name), verdict: 'intact', detail: null }],
      }),
    )
    const summary = renderSummary(reportOf({ result: 'purged', repositories }), PATH)
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(900 * KIB)
  })

  test('is at most 900 KiB also where the run itself is of many words', () => {
    const words = '漢'.repeat(100_000)
    const run: Run = {
      ...reportOf().run,
      workflow: words,
      actor: words,
      event: words,
      repository: words,
      url: words,
    }
    const blobs = names(20_000).map(gone)
    const summary = renderSummary(reportOf({ run, repositories: [repositoryOf({ blobs })] }), words)
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(900 * KIB)
  })

  test('keeps the verdict and what is in the way, however long that is', () => {
    const problems = names(1000).map((name) => reported(`${name} ${'x'.repeat(10_000)}`))
    const summary = renderSummary(reportOf({ result: 'refused', problems }), PATH)
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(900 * KIB)
    expect(summary).toMatch(/^## ⛔ Refused, nothing was written: name0 xxx/)
    expect(summary).toMatch(/… and \d+ more: see the report/)
  })
})

/** What acts in Markdown and HTML, and what only looks so. */
const ACTIVE = [
  '<img src="https://evil.example/x.png">',
  '![x](https://evil.example/x.png)',
  '[click](https://evil.example)',
  '</td></tr></table><script>alert(1)</script>',
  '`` ` ``` `',
  'a | b | c',
  '**bold** _i_ ~~s~~ # h',
  'https://evil.example www.evil.example @everyone',
  'a\n\n# heading\n\n- item\n\n| a | b |\n| --- | --- |\n',
  '<!--',
  '<details><summary>x</summary>',
  '\\`code\\`',
]

/** Takes out what stands as code, is escaped, or is a table's or a link's own sign of ours. */
function bare(summary: string): string {
  return summary
    .replaceAll('@&#8203;', '·')
    .replace(/\\[!-/:-@[-`{-~]|`[^`\n]*`/g, '')
    .replaceAll('<br>', '')
    .replace(/&(?:#\d+|\w+);/g, '·')
    .replace(/^\*\*\d+ digests? of the image STILL SERVED\*\*/gm, '')
    .replace(/^\|(?:.*\|)+$/gm, (line) => line.replaceAll('|', ''))
    .replace(/^#{2,3} /gm, '')
    .replace('[run](https://github.com/acme/search/actions/runs/42)', '')
}

describe('what came from elsewhere', () => {
  test.each([...ACTIVE, ...HOSTILE])('renders nothing in the summary: %j', (text) => {
    const report = reportOf({
      result: 'refused',
      reason: text,
      registry: text,
      problems: [text, `the registry said ${text}`].map((each) => reported(each)),
      warnings: [text],
      run: { ...reportOf().run, workflow: text, actor: text, event: text, commit: text, repository: text },
      repositories: [
        repositoryOf({
          name: text,
          problems: [reported(text, text)],
          warnings: [text],
          tags: [tagOf(text, { digest: text, outcome: 'failed', via: null, reason: text })],
          blobs: [content('x', { detail: text, mediaType: text })],
          kept: [{ digest: text, heldBy: [text] }],
          remaining: [{ tag: text, digest: text, verdict: 'broken', detail: text }],
        }),
      ],
    })
    const summary = renderSummary(report, text)
    const shell = renderSummary(
      { ...report, problems: ['x', 'the registry said x'].map((each) => reported(each)) },
      'x',
    )
    expect(bare(summary)).not.toMatch(/[`<>@*_[\]|~\\]|:\/\/|www\.\w/)
    expect(summary).not.toMatch(/[\p{Cf}\u2028\u2029]|[^\P{Cc}\n]/u)
    // Whatever stands in them, there are as many lines: none was opened by a text.
    expect(summary.split('\n')).toHaveLength(shell.split('\n').length)
  })

  test('is no link as the address of the run, unless it is one', () => {
    for (const url of [
      'javascript:alert(1)',
      'https://evil.example/) [x](https://evil.example',
      'https://a b',
      '',
    ])
      expect(renderSummary(reportOf({ run: { ...reportOf().run, url } }), PATH)).not.toContain('[run](')
  })
})
