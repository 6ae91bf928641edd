import { describe, expect, test } from '@jest/globals'
import { renderSummary } from '../../src/report/summary/summary.js'
import { content, gone, of, reported, reportOf, repositoryOf, tagOf } from '../report/reports.js'
import { rendered } from './markdown.js'

describe('what a page makes of a summary', () => {
  test('is nothing but what is meant, for a summary of every part', () => {
    const report = reportOf({
      problems: [reported('acme/app:v1 cannot be read: 500 (a_b, *c*, see [d](e))\n  acme/app:v1')],
      warnings: ['`unreadable-tags: ignore` takes it for broken'],
      repositories: [
        repositoryOf({
          tags: [tagOf('leak', { digest: of('a'), reason: '500 (a | b)' })],
          manifests: [gone('a')],
          blobs: [content('b', { verdict: 'present' })],
          kept: [{ digest: of('k'), heldBy: ['latest'] }],
          exposed: [{ repository: 'acme/other', digest: of('k'), heldBy: [] }],
          remaining: [{ tag: 'latest', digest: of('l'), verdict: 'intact', detail: null }],
        }),
      ],
    })
    expect(rendered(renderSummary(report, '/tmp/report.json'))).toEqual([])
  })

  test.each([
    ['a bare <', '- the registry said <b>'],
    ['a bare [', '- see [a](http://link.invalid)'],
    ['a bare [', '- ![a](b)'],
    ['an address', '- see http://link.invalid'],
    ['an address', '- see HTTPS://link.invalid'],
    ['an address', '- see www.link.invalid'],
    ['an address of mail', '- a&#64;link.invalid'],
    ['a mention', '- hello &#64;octocat'],
    ['a mention', '- `x`@octocat'],
    ['a reference to an issue', '- \\#1'],
    ['a bare *', '- *a*'],
    ['a bare _', '- _a_'],
    ['a bare ~', '- ~~a~~'],
    ['a bare &', '- &copy;'],
    ['a bare #', '- a # b'],
    ['a backtick that ends nowhere', '- a ` b'],
    ['a backtick that ends nowhere', '- a `` b ` c'],
    ['a bare <', '- `` a ` b `` <i>'],
    ['a bare <', '- `a\\` <i>`'],
    ['a block', '- # a'],
    ['a block', '- - a'],
    ['a block', '-     code'],
    ['a block', '```'],
    ['a block', '==='],
    ['another number of cells', '| a | b |\n| --- | --- |\n| `c | d` | e |'],
    ['a bare |', '- a | b'],
    ['something unseen', '- a\u001b[1mb'],
    ['something unseen', '- a\rb'],
    ['something unseen', '- a\u202eb'],
  ])('is seen to be %s: %j', (what, markdown) => {
    expect(rendered(markdown).map((each) => each.split(':')[0])).toContain(what)
  })

  test.each([
    '- a \\< b \\` c \\| d &lt;i&gt; &amp;amp;',
    '- `<b> [a](b) http://link.invalid @octocat #1`',
    '- http:&#8203;//link.invalid www&#8203;.link.invalid',
    '- &#64;&#8203;octocat a&#64;&#8203;link.invalid \\#&#8203;1',
    '- acme/app&#64;sha256:00',
    '| a | b |\n| --- | --- |\n| `c` |  |',
    '1. Run again.',
    '… and 4 more: see the report.',
  ])('is only text: %j', (markdown) => {
    expect(rendered(markdown)).toEqual([])
  })
})
