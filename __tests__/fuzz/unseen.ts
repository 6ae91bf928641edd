/** Control and format characters, line and paragraph separators, halves of pairs: what acts on a terminal or hides. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/** The lines of a text that hold something unseen. Only a line feed may stand between them. */
export function unseenIn(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => UNSEEN.test(line))
    .map((line) => JSON.stringify(line.slice(0, 300)))
}
