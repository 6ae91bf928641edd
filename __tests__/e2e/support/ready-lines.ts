import type { Run } from './support.js'

/** The inputs that a run prints for a later one. */
export type ReadyLines = Readonly<Record<'image' | 'blobs', string>>

/** The `image` and `blobs` that the step Plan prints for a later run. */
export function readyBlock({ output }: Run, title = 'Plan'): ReadyLines {
  return readyIn(output.groups.find((group) => group.title === title)?.lines ?? [])
}

/** The entries below `image: |` and `blobs: |` in some text, as somebody would copy them. */
export function readyIn(text: readonly string[]): ReadyLines {
  const entriesOf = (head: string): string => {
    const at = text.indexOf(head)
    const rest = at < 0 ? [] : text.slice(at + 1)
    const end = rest.findIndex((line) => !line.startsWith('  '))
    return (end < 0 ? rest : rest.slice(0, end)).map((line) => line.trim()).join('\n')
  }
  return { image: entriesOf('image: |'), blobs: entriesOf('blobs: |') }
}

/** The lines that a refusal says to paste in place of what was named. */
export const linesToPaste = ({ errors }: Run): ReadyLines => readyIn(errors.split('\n'))
