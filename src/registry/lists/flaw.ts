/** Why the link to the next page of a list is not followed. */
export type LinkFlaw =
  /** The Link header cannot be parsed, so it may point to a next page. */
  | { readonly is: 'not-understood' }
  /** A link has an unknown relation, so it may point to a next page. */
  | { readonly is: 'unknown-relation' }
  | { readonly is: 'several-links' }
  /** The link has an `anchor`: it is about something else. */
  | { readonly is: 'of-something-else' }
  /** There is a link to a last page, which is not this one, and none to a next page. */
  | { readonly is: 'last-page-elsewhere' }
  | { readonly is: 'not-a-url' }
  | { readonly is: 'too-long' }
  /** The link leads to another host. */
  | { readonly is: 'other-host' }
  /**
   * The link leads to this host with another scheme. The registry does not know how clients reach it: a proxy in front of
   * it ends TLS and does not say so. `link`: the scheme of the link.
   */
  | { readonly is: 'other-scheme'; readonly link: 'http' | 'https'; readonly hostname: string }
  /** The link leads to another port of this host. */
  | { readonly is: 'other-port'; readonly host: string }
  /** The list announces further entries without a link. `sign`: the property or header that does so. */
  | { readonly is: 'no-link'; readonly sign: string }
