import fc from 'fast-check'
import { BREAKS, BROKEN, COMMANDS, HTML, JSONS, LEADS, MARKDOWN, TERMINAL, UNSEEN } from './hostile-pieces.js'

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...COMMANDS) },
  { weight: 1, arbitrary: fc.mixedCase(fc.constantFrom(...COMMANDS)) },
)
const value = fc.oneof(
  fc.constantFrom('', 'x', 'purged', 'token', '/evil', 'PATH', '*', '%0A::error::x'),
  fc.string({ maxLength: 8 }),
)

/** A command for the runner, in both of the forms that it takes, and in some that it may take by mistake. */
const command = fc
  .tuple(fc.constantFrom(...LEADS), name, value, value, fc.constantFrom('2', '2', '2=', '1', '1=', '3'))
  .map(([lead, name, key, value, form]) => {
    if (form === '2') return `${lead}::${name}::${value}`
    if (form === '2=') return `${lead}::${name} name=${key},file=${key}::${value}`
    if (form === '1') return `${lead}##[${name}]${value}`
    if (form === '1=') return `${lead}##[${name} name=${key};file=${key}]${value}`
    return `${lead}:::${name} ::${value}`
  })

/** What acts on one reader or another, alone. */
const piece = fc.oneof(
  { weight: 6, arbitrary: command },
  { weight: 4, arbitrary: fc.constantFrom(...BREAKS) },
  { weight: 2, arbitrary: fc.constantFrom(...LEADS) },
  { weight: 2, arbitrary: fc.constantFrom(...TERMINAL) },
  { weight: 2, arbitrary: fc.constantFrom(...UNSEEN) },
  { weight: 3, arbitrary: fc.constantFrom(...HTML) },
  { weight: 5, arbitrary: fc.constantFrom(...MARKDOWN) },
  { weight: 1, arbitrary: fc.constantFrom(...JSONS) },
  { weight: 1, arbitrary: fc.constantFrom(...BROKEN) },
  { weight: 1, arbitrary: fc.constantFrom('::', ':', '##[', '#', ']', '%', '…', 'a', ' ') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
)

const mixture = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join(''))

/** A mixture of which only a part arrives: halves of commands, of escapes, of pairs. */
const cut = fc.tuple(mixture, fc.nat(60), fc.nat(60)).map(([text, from, length]) => {
  const start = text.length === 0 ? 0 : from % text.length
  return text.slice(start, start + length + 1)
})

/** A piece at one of the borders at which texts are cut, or so often that a bad pattern takes for ever. */
const long = fc
  .tuple(piece, piece, fc.constantFrom(190, 199, 200, 201, 500, 3990, 3999, 4000, 4001, 20_000))
  .map(([fill, end, length]) => `${(fill || 'a').repeat(length).slice(0, length)}${end}`)

/** Text as a hostile registry sends it. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 10, arbitrary: mixture },
  { weight: 3, arbitrary: cut },
  { weight: 1, arbitrary: long },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
)

/** The same without what is long by intention, where many of them go into one answer. */
export const shortText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: mixture },
  { weight: 1, arbitrary: cut },
)

/** Text that would go on in a line of its own, if somebody let it. */
export const brokenText: fc.Arbitrary<string> = fc
  .tuple(mixture, fc.constantFrom('\n', '\r\n', '\r'), mixture)
  .map((parts) => parts.join(''))

/** Text in bytes, some of which are no UTF-8. */
export const hostileBytes: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 3, arbitrary: hostileText.map((text) => Buffer.from(text)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(hostileText, fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.nat(200))
      .map(([text, bytes, at]) => {
        const whole = Buffer.from(text)
        const place = at % (whole.length + 1)
        return Buffer.concat([whole.subarray(0, place), bytes, whole.subarray(place)])
      }),
  },
  // A stray continuation, an overlong slash, a surrogate, a byte that no text has.
  {
    weight: 1,
    arbitrary: shortText.map((text) =>
      Buffer.concat([Buffer.from(text), Buffer.from([0x80, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xff])]),
    ),
  },
)

/** The value of a header, one sign a byte, without the signs that a client's parser refuses. */
export const headerText: fc.Arbitrary<string> = hostileBytes.map((bytes) =>
  bytes
    .subarray(0, 3000)
    .toString('latin1')
    .replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, ' '),
)
