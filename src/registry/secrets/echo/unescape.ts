/** Readings of one text, at most. A text with more readings is not searched. */
const MOST_READINGS = 128

/** A text without any of these has no escapes. */
const MAY_BE_ESCAPED = /[\\&%=<\x80-\uffff]|_x|U\+|(['"$`{}])\1/i

/** Undoes one level of one kind of escape, everywhere in a text. */
type Unescape = (text: string) => string

/** HTML's names of the characters from U+00A0 on. */
const LATIN =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
  'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
  'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
  'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
  'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
  'thorn yuml'
/** Characters and their names in HTML. */
const SIGNS =
  '& amp,< lt,> gt," quot,\' apos,! excl,# num,$ dollar,% percnt,( lpar,) rpar,* ast,* midast,+ plus,. period,/ sol,' +
  ': colon,; semi,= equals,? quest,@ commat,[ lsqb,[ lbrack,\\ bsol,] rsqb,] rbrack,^ hat,_ lowbar,_ underbar,` grave,' +
  '` diacriticalgrave,{ lcub,{ lbrace,| verbar,| vert,| verticalline,} rcub,} rbrace,~ tilde,- hyphen,- dash,\t tab,' +
  '\n newline,\u20ac euro,\u2212 minus'
const NAMED = new Map<string, string>([
  ...SIGNS.split(',').map((entry): [string, string] => [entry.slice(2), entry.slice(0, 1)]),
  ['comma', ','],
  ...LATIN.split(' ').map((name, at): [string, string] => [name, String.fromCharCode(0xa0 + at)]),
])

const CONTROL: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** Accepts half of a surrogate pair: the other half may follow. */
function character(code: number, escape: string): string {
  return code > 0x10ffff ? escape : code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code)
}

const hex = (digits: string, escape: string): string => character(Number.parseInt(digits, 16), escape)

const BACKSLASH =
  /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x\{?([0-9a-fA-F]{2})\}?|([0-7]{1,3})|(\r?\n)|([^]))/g

/** JSON, JavaScript, C, Go, Python, shells: `\u0026`, `\u{26}`, `\U00000026`, `\x26`, `\46`, `\n`, `\/`. */
function backslashes(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(BACKSLASH, (escape: string, ...groups: (string | undefined)[]) => {
    const [braced, four, eight, two, octal, fold, one] = groups
    const digits = braced ?? four ?? eight ?? two
    if (digits !== undefined) return hex(digits, escape)
    if (octal !== undefined) return character(Number.parseInt(octal, 8), escape)
    return fold !== undefined ? '' : (CONTROL[one ?? ''] ?? one ?? escape)
  })
}

/** LDAP and CSS: `\26`, `\000026`. */
function hexBackslashes(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:0000)?([0-9a-f]{2})/gi, (escape, digits: string) => hex(digits, escape))
}

/** HTML and XML: `&#39;`, `&#x27;`, `&apos;`, even with leading zeros or without the semicolon. */
function entities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#x0*([0-9a-f]{1,6})|#0*([0-9]{1,7})|([a-z][a-z0-9]{1,31}));?/gi,
    (escape: string, digits?: string, decimal?: string, name?: string) => {
      if (digits !== undefined) return hex(digits, escape)
      if (decimal !== undefined) return character(Number.parseInt(decimal, 10), escape)
      return NAMED.get(name ?? '') ?? NAMED.get((name ?? '').toLowerCase()) ?? escape
    },
  )
}

/** URLs: `%26`, and `%u0026` of JavaScript's `escape`. */
function percents(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%(?:u([0-9a-f]{4})|([0-9a-f]{2}))/gi, (escape: string, four?: string, two?: string) =>
    hex(four ?? two ?? '', escape),
  )
}

/** Mail: `=26`, and `=` at the end of a line that continues. */
function quotedPrintable(text: string): string {
  if (!text.includes('=')) return text
  return text.replace(/=(?:\r?\n|([0-9a-f]{2}))/gi, (escape, two?: string) =>
    two === undefined ? '' : hex(two, escape),
  )
}

/** XML names (`_x0026_`) and Unicode's notation (`U+0026`). */
function codePoints(text: string): string {
  return text.replace(
    /_x([0-9a-f]{4})_|U\+([0-9a-f]{4,6})/gi,
    (escape: string, name?: string, plus?: string) => hex(name ?? plus ?? '', escape),
  )
}

/** Characters that are doubled because a single one has a special meaning: `''`, `""`, `%%`, `{{`. */
function doubled(text: string): string {
  return text.replace(/(['"%$`{}])\1/g, '$1')
}

/** HTML tags in the middle of a word. */
function tags(text: string): string {
  return text.includes('<') ? text.replace(/<[^<>]{1,200}>/g, '') : text
}

/** UTF-8 that was decoded or unescaped byte by byte. */
function bytewise(text: string): string {
  return text.replace(/[\x80-\xff]{2,}/g, (run) => {
    const read = Buffer.from(run, 'latin1').toString('utf8')
    return read.includes('\ufffd') ? run : read
  })
}

/** Forms of Unicode that look the same, such as `ö` as one character or as two. */
function composed(text: string): string {
  return /[^\0-\x7f]/.test(text) ? text.normalize('NFKC') : text
}

const WAYS: readonly Unescape[] = [
  backslashes,
  entities,
  percents,
  bytewise,
  hexBackslashes,
  quotedPrintable,
  codePoints,
  doubled,
  tags,
  composed,
]

/**
 * Undoes all kinds of escapes, repeatedly and in every order, because undoing one kind may destroy another.
 *
 * @returns the text itself and all its readings, or undefined if there are more than `most`
 */
export function readingsOf(text: string, most = MOST_READINGS): string[] | undefined {
  if (!MAY_BE_ESCAPED.test(text)) return [text]
  const readings = new Set([text])
  for (const reading of readings)
    for (const unescape of WAYS) {
      readings.add(unescape(reading))
      if (readings.size > most) return undefined
    }
  return [...readings]
}
