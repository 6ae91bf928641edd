/** @returns the forms in which software repeats a text and which can be replaced inside other text */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const base64 = bytes.toString('base64')
  // An environment variable can hold half of a surrogate pair, which a URL cannot.
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
    // In the path of a URL, only some characters are encoded.
    whole.replace(/[^\x21-\x7e]+|["<>`#?{}^]/g, (sign) => encodeURIComponent(sign)),
    inJson,
    // The JSON of Go and of PHP.
    inJson.replace(/[&<>]/g, inUnicode),
    inJson.replaceAll('/', '\\/'),
    inJson.replace(/[&<>'\x7f-\uffff]/g, inUnicode),
    inHtml.replaceAll('"', '&quot;'),
    // The HTML of Go, of Python and of PHP.
    inHtml.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
    inHtml.replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
    inHtml.replaceAll('"', '&quot;').replaceAll("'", '&#039;'),
  ]
}

function inUnicode(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
}
