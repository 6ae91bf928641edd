import { describe, expect, test } from '@jest/globals'
import type { LinkFlaw } from '../../../src/registry/lists/flaw.js'
import { nextPage } from '../../../src/registry/lists/page.js'
import { startWork } from '../../support/work-time.js'

const from = new URL('https://registry.example.com/v2/acme/app/tags/list')
const next = '/v2/acme/app/tags/list?last=b&n=2'
const whole = `https://registry.example.com${next}`

const target = (header: string | undefined): string | LinkFlaw | undefined => {
  const page = nextPage(header, from)
  return page instanceof URL ? page.href : page
}

describe('the link to the next page', () => {
  test.each([
    ['quoted', `<${next}>; rel="next"`],
    ['unquoted, as olareg has it', `<${next}>; rel=next`],
    ['absolute', `<${whole}>; rel="next"`],
    ['with its port', `<https://registry.example.com:443${next}>; rel="next"`],
    ['relative to the page', '<list?last=b&n=2>; rel="next"'],
    ['by its query only', '<?last=b&n=2>; rel="next"'],
    ['without white space', `<${next}>;rel="next"`],
    ['with more white space', `  <${next}>  ;  rel  =  "next"  `],
    ['in capitals', `<${next}>; REL="NEXT"`],
    ['with other parameters', `<${next}>; title="a; b"; rel="next"; type=x`],
    ['among several relations', `<${next}>; rel="last next prev"`],
    ['behind other links', `</v2/>; rel="first", <${next}>; rel="next"`],
    ['before other links', `<${next}>; rel=next, </v2/>; rel=first`],
    ['with a comma in another one', `</v2/?a,b>; rel="prev", <${next}>; rel="next"`],
    ['with a comma and a semicolon in it', `<${next}>; rel="next", </v2/?a,b;c>; rel="prev"`],
    ['in single quotes', `<${next}>; rel='next'`],
    ['without any relation', `<${next}>`],
    ['without brackets', `${next}; rel="next"`],
    ['without brackets and quotes', `${next}; rel=next`],
    ['without brackets, absolute (serverless-registry)', `${whole}; rel=next`],
    ['without brackets, by its query only', `?last=b&n=2; rel=next`],
    ['without brackets, relative to the page', `list?last=b&n=2; rel=next`],
    ['without brackets and relation', whole],
    ['without brackets, before another one', `${next}; rel=next, </v2/>; rel=first`],
    ['without brackets, behind another one', `</v2/>; rel=first, ${next}; rel=next`],
    ['twice', `<${next}>; rel="next", <${next}>; rel="next"`],
    ['behind empty elements', `, ,<${next}>; rel="next",`],
    ['with a user, who is left out', `<https://bob:pw@registry.example.com${next}>; rel="next"`],
    ['with a fragment, which is left out', `<${next}#top>; rel="next"`],
  ])('is found: %s', (_, header) => {
    expect(target(header)).toBe(whole)
  })

  test.each([
    ['a second rel that says there is more', `<${next}>; rel="prev"; rel="next"`, 'not-understood'],
    ['a last page that is another one', `<${next}>; rel="last"`, 'last-page-elsewhere'],
  ])('is not told by %s', (_, header, is) => {
    expect(target(header)).toEqual({ is })
  })

  test('keeps a comma and a semicolon of its own', () => {
    expect(target('</v2/a/tags/list?last=b,c;d>; rel="next"')).toMatch(/last=b,c;d$/)
    expect(target('/v2/a/tags/list?last=b,c;d; rel=next')).toMatch(/last=b,c;d$/)
  })

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['white space', '  '],
    ['another relation', `<${next}>; rel="prev"`],
    ['other relations', `<${next}>; rel="first", <${next}>; rel='self up'`],
    ['another relation without brackets', `${next}; rel=prev`],
  ])('is not found in %s', (_, header) => {
    expect(target(header)).toBeUndefined()
  })

  test.each([
    ['a relation that only begins so', `<${next}>; rel="next-archive"`, 'unknown-relation'],
    ['an unquoted relation that only begins so', `<${next}>; rel=nextish`, 'unknown-relation'],
    ['a relation that nobody knows', `<${next}>; rel="more"`, 'unknown-relation'],
    ['an empty relation', `<${next}>; rel=""`, 'unknown-relation'],
    ['a parameter that only ends so', `<${next}>; notrel="next"`, 'unknown-relation'],
    ['one of two links without a relation', `</v2/>; rel="first", <${next}>`, 'unknown-relation'],
    ['no target', 'rel="next"', 'not-understood'],
    ['only a word', 'next', 'not-understood'],
    ['a target that is not closed', `<${next}; rel="next"`, 'not-understood'],
    ['a quotation that is not closed', `<${next}>; rel="next`, 'not-understood'],
    ['several next pages', `<${next}>; rel="next", <${next}0>; rel="next"`, 'several-links'],
    ['the next page of something else', `<${next}>; rel="next"; anchor="/v2/"`, 'of-something-else'],
    ['JSON', `{"next":"${next}"}`, 'not-understood'],
  ])('may be meant by %s, so the list is not trusted', (_, header, is) => {
    expect(target(header)).toEqual({ is })
  })

  test('is followed to the registry if only its port is missing', () => {
    const page = new URL('http://registry.example.com:5000/v2/_catalog')
    expect(nextPage('http://registry.example.com/v2/_catalog?last=b; rel=next', page)).toEqual(
      new URL('http://registry.example.com:5000/v2/_catalog?last=b'),
    )
    for (const other of [
      'http://registry.example.com:80/v2/_catalog?last=b',
      'http://registry.example.com/v2/?last=b',
    ])
      expect(nextPage(`<${other}>; rel=next`, page)).toEqual({
        is: 'other-port',
        host: 'registry.example.com:5000',
      })
  })

  test.each([
    ['another host', '<https://evil.example/v2/>; rel="next"'],
    ['another host by plain http', '<http://evil.example/v2/>; rel="next"'],
    ['a host without a scheme', '<//evil.example/v2/>; rel="next"'],
    ['a host that begins alike', '<https://registry.example.com.evil.example/v2/>; rel="next"'],
    ['a user that looks like the host', '<https://registry.example.com@evil.example/v2/>; rel="next"'],
    ['a backslash', '<\\\\evil.example/v2/>; rel="next"'],
    ['no web address at all', '<data:application/json,{}>; rel="next"'],
    ['another protocol of this host', '<ftp://registry.example.com/v2/>; rel="next"'],
  ])('is not followed to %s', (_, header) => {
    expect(target(header)).toEqual({ is: 'other-host' })
  })

  test('is not followed to this host by another port or scheme, and that is another flaw', () => {
    expect(target('<https://registry.example.com:5000/v2/>; rel="next"')).toEqual({
      is: 'other-port',
      host: 'registry.example.com',
    })
    for (const port of ['', ':80', ':8080'])
      expect(target(`<http://registry.example.com${port}${next}>; rel="next"`)).toEqual({
        is: 'other-scheme',
        link: 'http',
        hostname: 'registry.example.com',
      })
    const plain = new URL('http://registry.example.com/v2/_catalog')
    expect(nextPage(`${whole}; rel=next`, plain)).toMatchObject({ is: 'other-scheme', link: 'https' })
  })

  test('is not followed where it is no URL, or too long', () => {
    expect(target('<https://[>; rel="next"')).toEqual({ is: 'not-a-url' })
    expect(target(`<${next}${'x'.repeat(9000)}>; rel="next"`)).toEqual({ is: 'too-long' })
  })

  /** Node takes no more than 16 KiB of headers. */
  test.each([
    ['beginnings', '<'.repeat(16_000)],
    ['parameters', `<a>${'; rel'.repeat(3000)}`],
    ['white space in a relation', `<a>; rel="${' '.repeat(16_000)}`],
    ['relations', `<a>; rel="${'next-'.repeat(3000)}`],
    ['links', '<a>;rel=x,'.repeat(1600)],
    ['commas', `/a${', '.repeat(8000)}`],
    ['semicolons', `/a${'; '.repeat(8000)}`],
  ])('is read at once, although it consists of thousands of %s', (_, header) => {
    const elapsed = startWork()
    nextPage(header, from)
    expect(elapsed()).toBeLessThan(3000)
  })
})
