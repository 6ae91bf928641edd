import type { LinkFlaw } from '../../registry/lists/flaw.js'
import type { ListFlaw } from '../../survey/problem.js'

/** Puts into words why a list cannot be read to its end, to follow the list's name. */
export function sayListFlaw(flaw: ListFlaw): string {
  switch (flaw.is) {
    case 'not-followed':
      return `is not followed: ${sayLinkFlaw(flaw.why)}`
    case 'circle':
      return 'links in a circle'
    case 'no-progress':
      return 'goes on without naming anything new'
    case 'too-many-entries':
      return `has more than ${flaw.most} entries`
    case 'too-many-pages':
      return `has more than ${flaw.most} pages`
    case 'lacks-tags':
      return `lacks ${flaw.tag}${flaw.count > 1 ? ` and ${flaw.count - 1} more` : ''}, although it named ${flaw.count > 1 ? 'them' : 'it'} before and the registry still has ${flaw.count > 1 ? 'them' : 'it'}`
    case 'broken-off':
      return `broke off ${flaw.times} times`
  }
}

/** Puts into words why the link to the next page of a list is not followed. */
export function sayLinkFlaw(flaw: LinkFlaw): string {
  switch (flaw.is) {
    case 'not-understood':
      return 'its Link header is not understood, and may point to a next page'
    case 'unknown-relation':
      return 'its Link header has an unknown relation, and may point to a next page'
    case 'several-links':
      return 'it has several links to a next page'
    case 'of-something-else':
      return 'its link to a next page belongs to something else'
    case 'last-page-elsewhere':
      return 'it links to a last page that is not this one, and to no next page'
    case 'not-a-url':
      return 'the link to the next page is not a URL'
    case 'too-long':
      return 'the link to the next page is too long'
    case 'other-host':
      return 'the link to the next page leads to another origin'
    case 'other-scheme':
      return sayOtherScheme(flaw)
    case 'other-port':
      return `the link to the next page leads to another origin, another port than that of ${flaw.host}. The registry does not know its own address: set its external URL to it (distribution: \`http.host\`), or have the proxy in front of it send \`Host\` and \`X-Forwarded-Port\``
    case 'no-link':
      return `it indicates that there is more (${flaw.sign}), but has no link to it`
  }
}

function sayOtherScheme({ link, hostname }: LinkFlaw & { readonly is: 'other-scheme' }): string {
  return link === 'http'
    ? 'the link to the next page leads to another origin, to plain http, although the registry is requested by https. A proxy in front of it ends TLS: have it send `X-Forwarded-Proto: https`, or set the external URL of the registry to its https address (distribution: `http.host`)'
    : `the link to the next page leads to another origin, to https, although the registry is requested by plain http. Set \`registry\` to its https address on ${hostname}, or correct the external URL of the registry`
}
