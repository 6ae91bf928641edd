/** Characters: no registry needs as many, and a relative link could grow with each page. */
const LONGEST = 8 << 10

/**
 * Reads the `next` target of a Link header (RFC 8288), as far as registries send it: quoted or not (olareg sends
 * `rel=next`), relative or absolute, other links beside it.
 *
 * @param header the header's value
 * @param from the URL of the page that carried it
 * @returns the URL of the next page, undefined where there is none, or a sentence that says why it is not followed:
 *   a link to another origin would carry the listing, and trust in it, away
 */
export function nextPage(header: string | undefined, from: URL): URL | string | undefined {
  if (header === undefined) return undefined
  for (const [, target = '', parameters = ''] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?=[\s;,]|$))/i.test(parameters)) continue
    let url: URL
    try {
      url = new URL(target, from)
    } catch {
      return 'the link to the next page is no URL'
    }
    if (url.href.length > LONGEST) return 'the link to the next page is too long'
    if (url.origin !== from.origin) return 'the link to the next page leads to another origin'
    return url
  }
  return undefined
}
