/** @returns the forms in which something writes a text that it sends back, and which can be told from their surroundings */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const base64 = bytes.toString('base64')
  // Half of a surrogate pair, which an environment can hold, cannot be written in a URL.
  const whole = secret.toWellFormed()
  const inUrl = encodeURIComponent(whole)
  const inJson = JSON.stringify(secret).slice(1, -1)
  const inHtml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return [
    secret,
    secret.replace(/=+$/, ''),
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    inUrl,
    inUrl.replace(/%[0-9A-F]{2}/g, (sign) => sign.toLowerCase()),
    inUrl.replaceAll('%20', '+'),
    new URLSearchParams({ x: whole }).toString().slice(2),
    encodeURI(whole),
    // As a URL's path writes it: only what must not stand there is encoded.
    whole.replace(/[^\x21-\x7e]+|["<>`#?{}^]/g, (sign) => encodeURIComponent(sign)),
    inJson,
    // Go's JSON, also with what PHP escapes.
    inJson.replace(/[&<>]/g, inUnicode),
    inJson.replaceAll('/', '\\/'),
    inJson.replace(/[&<>'\x7f-\uffff]/g, inUnicode),
    inHtml.replaceAll('"', '&quot;'),
    // Go's HTML, Python's and PHP's.
    inHtml.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
    inHtml.replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
    inHtml.replaceAll('"', '&quot;').replaceAll("'", '&#039;'),
  ]
}

function inUnicode(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
}
