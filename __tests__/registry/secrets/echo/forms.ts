/** Its name, what it makes of a text, and whether it can be found around another one. */
export type Encoder = readonly [name: string, encode: (text: string) => string, nests?: boolean]

const each = (text: string, to: (code: number, sign: string) => string): string =>
  [...text].map((sign) => to(sign.codePointAt(0) ?? 0, sign)).join('')
const units = (text: string, to: (unit: number) => string): string =>
  Array.from({ length: text.length }, (_, at) => to(text.charCodeAt(at))).join('')
const bytes = (text: string, to: (byte: number) => string): string => [...Buffer.from(text)].map(to).join('')
const hex = (code: number, width = 2): string => code.toString(16).padStart(width, '0')
const odd = (text: string, to: (sign: string) => string): string => text.replace(/[^A-Za-z0-9]/gu, to)

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
function base32(text: string): string {
  const bits = bytes(text, (byte) => byte.toString(2).padStart(8, '0'))
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

export const ENCODERS: readonly Encoder[] = [
  ['as it is', (text) => text],
  ['in JSON', (text) => JSON.stringify(text).slice(1, -1), true],
  [
    'in the JSON of Go',
    (text) =>
      JSON.stringify(text)
        .slice(1, -1)
        .replace(/[&<>]/g, (sign) => `\\u00${hex(sign.charCodeAt(0))}`),
    true,
  ],
  [
    'in the JSON of Java, with slashes',
    (text) =>
      JSON.stringify(text)
        .slice(1, -1)
        .replaceAll('/', '\\/')
        .replace(/['=]/g, (sign) => `\\u00${hex(sign.charCodeAt(0))}`),
    true,
  ],
  ['in JSON of ASCII', (text) => units(text, (unit) => `\\u${hex(unit, 4)}`), true],
  ['in JSON of ASCII in capitals', (text) => units(text, (unit) => `\\u${hex(unit, 4).toUpperCase()}`), true],
  [
    'in HTML',
    (text) =>
      text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;'),
    true,
  ],
  [
    'in the HTML of Python',
    (text) =>
      text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#x27;'),
    true,
  ],
  [
    'in XML',
    (text) =>
      text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&apos;'),
    true,
  ],
  ['in decimal entities', (text) => each(text, (code) => `&#${code};`), true],
  [
    'in decimal entities with zeros',
    (text) => each(text, (code) => `&#${String(code).padStart(7, '0')};`),
    true,
  ],
  ['in hex entities', (text) => each(text, (code) => `&#x${hex(code)};`), true],
  ['in hex entities in capitals', (text) => each(text, (code) => `&#X${hex(code, 4).toUpperCase()};`), true],
  ['in a URL', (text) => encodeURIComponent(text), true],
  [
    'in a URL with small letters',
    (text) => encodeURIComponent(text).replace(/%../g, (sign) => sign.toLowerCase()),
    true,
  ],
  ['in a URL, every byte', (text) => bytes(text, (byte) => `%${hex(byte)}`), true],
  ['in a URL twice', (text) => encodeURIComponent(encodeURIComponent(text)), true],
  ['in a URL three times', (text) => encodeURIComponent(encodeURIComponent(encodeURIComponent(text))), true],
  ['in a form', (text) => new URLSearchParams({ x: text }).toString().slice(2), true],
  [
    'by escape()',
    (text) =>
      units(text, (unit) =>
        unit > 255
          ? `%u${hex(unit, 4)}`
          : unit > 127
            ? `%${hex(unit)}`
            : encodeURIComponent(String.fromCharCode(unit)),
      ),
    true,
  ],
  ['in C', (text) => bytes(text, (byte) => `\\x${hex(byte)}`), true],
  ['in octal', (text) => bytes(text, (byte) => `\\${byte.toString(8).padStart(3, '0')}`), true],
  ['in a shell', (text) => odd(text, (sign) => `\\${sign}`), true],
  ['in JavaScript', (text) => each(text, (code) => `\\u{${hex(code)}}`), true],
  ['in Python', (text) => each(text, (code) => `\\U${hex(code, 8)}`), true],
  [
    'in LDAP',
    (text) =>
      bytes(text, (byte) =>
        /[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\${hex(byte)}`,
      ),
    true,
  ],
  [
    'in quoted-printable',
    (text) =>
      bytes(text, (byte) =>
        /[A-Za-z0-9]/.test(String.fromCharCode(byte))
          ? String.fromCharCode(byte)
          : `=${hex(byte).toUpperCase()}`,
      ),
    true,
  ],
  ['in a name of XML', (text) => odd(text, (sign) => units(sign, (unit) => `_x${hex(unit, 4)}_`)), true],
  ['in SQL', (text) => text.replaceAll("'", "''"), true],
  ['in CSV', (text) => text.replaceAll('"', '""'), true],
  ['with marks in it', (text) => each(text, (_, sign) => `<b>${sign}</b>`)],
  ['with a sign of no width in it', (text) => [...text].join('\u200b')],
  ['in UTF-16', (text) => [...text].map((sign) => `${sign}\0`).join('')],
  ['in hex', (text) => Buffer.from(text).toString('hex')],
  ['in hex in capitals', (text) => Buffer.from(text).toString('hex').toUpperCase()],
  ['in hex with colons', (text) => bytes(text, (byte) => `:${hex(byte)}`).slice(1)],
  ['in hex with blanks', (text) => bytes(text, (byte) => ` ${hex(byte)}`).slice(1)],
  ['in a list of hex', (text) => bytes(text, (byte) => `, 0x${hex(byte)}`).slice(2)],
  ['as a list of bytes', (text) => `[${[...Buffer.from(text)].join(' ')}]`],
  ['as a list of bytes in JSON', (text) => JSON.stringify([...Buffer.from(text)])],
  ['in base64', (text) => Buffer.from(text).toString('base64')],
  ['in base64 for URLs', (text) => Buffer.from(text).toString('base64url')],
  ['in base32', base32],
  ['in base32 in small letters', (text) => base32(text).toLowerCase()],
]

/** How a text may be broken. */
export const FOLDS: readonly Encoder[] = [
  ['on two lines', (text) => `${text.slice(0, 3)}\n${text.slice(3)}`],
  ['folded as a header is', (text) => `${text.slice(0, 2)}\r\n\t${text.slice(2)}`],
  ['one sign a line', (text) => [...text].join('\n')],
  ['with blanks doubled', (text) => `${text.slice(0, 3)}  ${text.slice(3)}`.replaceAll(' ', '  ')],
  ['wrapped with an escape', (text) => `${text.slice(0, 3)}\\n${text.slice(3)}`],
]
