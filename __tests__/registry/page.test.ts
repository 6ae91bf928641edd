import { describe, expect, test } from '@jest/globals'
import { nextPage } from '../../src/registry/page.js'

const from = new URL('https://registry.example.com/v2/acme/app/tags/list')
const next = '/v2/acme/app/tags/list?last=b&n=2'
const whole = `https://registry.example.com${next}`

const target = (header: string | undefined): string | undefined => {
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
  ])('is found: %s', (_, header) => {
    expect(target(header)).toBe(whole)
  })

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['no relation', `<${next}>`],
    ['another relation', `<${next}>; rel="prev"`],
    ['a relation that only begins so', `<${next}>; rel="next-archive"`],
    ['an unquoted relation that only begins so', `<${next}>; rel=nextish`],
    ['a parameter that only ends so', `<${next}>; notrel="next"`],
    ['no target', 'rel="next"'],
    ['a target that is not closed', `<${next}; rel="next"`],
  ])('is not found in %s', (_, header) => {
    expect(target(header)).toBeUndefined()
  })

  test.each([
    ['another host', '<https://evil.example/v2/>; rel="next"'],
    ['a host without a scheme', '<//evil.example/v2/>; rel="next"'],
    ['another port', '<https://registry.example.com:5000/v2/>; rel="next"'],
    ['plain http', `<http://registry.example.com${next}>; rel="next"`],
    ['a host that begins alike', '<https://registry.example.com.evil.example/v2/>; rel="next"'],
    ['a user that looks like the host', '<https://registry.example.com@evil.example/v2/>; rel="next"'],
    ['a backslash', '<\\\\evil.example/v2/>; rel="next"'],
    ['no web address at all', '<data:application/json,{}>; rel="next"'],
  ])('is not followed to %s', (_, header) => {
    expect(target(header)).toMatch(/another origin/)
  })

  test('is not followed where it is no URL', () => {
    expect(target('<https://[>; rel="next"')).toMatch(/no URL/)
  })

  /** Node takes no more than 16 KiB of headers. */
  test.each([
    ['beginnings', '<'.repeat(16_000)],
    ['parameters', `<a>${'; rel'.repeat(3000)}`],
    ['white space in a relation', `<a>; rel="${' '.repeat(16_000)}`],
    ['relations', `<a>; rel="${'next-'.repeat(3000)}`],
    ['links', '<a>;rel=x,'.repeat(1600)],
  ])('is read at once, although it consists of thousands of %s', (_, header) => {
    const started = performance.now()
    nextPage(header, from)
    expect(performance.now() - started).toBeLessThan(3000)
  })
})
