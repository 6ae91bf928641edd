const HEX = '0123456789abcdef'
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/**
 * Encodes bytes inside a longer text, at each alignment. Keeps only the characters that do not depend on the text before
 * and after the bytes.
 *
 * @param alphabet of 16, 32 or 64 characters
 */
function coresOf(bytes: Uint8Array, alphabet: string): string[] {
  const width = Math.log2(alphabet.length)
  const cores = new Set<string>()
  for (let before = 0; before < width; before++) {
    // Bits of the first character that belong to the text before the bytes.
    const into = (before * 8) % width
    let core = ''
    for (let bit = (width - into) % width; bit + width <= bytes.length * 8; bit += width)
      core += alphabet.charAt(bitsAt(bytes, bit, width))
    cores.add(core)
  }
  return [...cores]
}

/** @returns up to eight bits as a number */
function bitsAt(bytes: Uint8Array, bit: number, width: number): number {
  const at = bit >> 3
  const two = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  return (two >> (16 - width - (bit & 7))) & ((1 << width) - 1)
}

/** @returns a text in base64 inside another text, at each alignment, without `+` and `/`, which the alphabets differ in */
export function base64Of(text: string): string[] {
  return coresOf(Buffer.from(text, 'utf8'), BASE64).map((core) => core.replace(/[+/]/g, ''))
}

/** @returns a text in hex, in lower case */
export function hexOf(text: string): string[] {
  return coresOf(Buffer.from(text, 'utf8'), HEX).slice(0, 1)
}

/** @returns a text in base32 inside another text, at each alignment, in lower case */
export function base32Of(text: string): string[] {
  return coresOf(Buffer.from(text, 'utf8'), BASE32)
}

/** @returns the bytes of a text as lists of numbers, as Go prints them (`[104 117 110]`), without separators */
export function numbersOf(text: string): string[] {
  const bytes = [...Buffer.from(text, 'utf8')]
  const list = (base: number, width: number): string =>
    bytes.map((byte) => byte.toString(base).padStart(width, '0')).join('')
  return [list(10, 1), list(10, 3), list(8, 1), list(8, 3), list(2, 8)]
}
