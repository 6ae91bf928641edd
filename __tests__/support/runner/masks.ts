/** The forms in which the runner looks for a masked value, besides the value itself. */
export function maskForms(value: string): string[] {
  const bytes = Buffer.from(value)
  const quoted = JSON.stringify(value).slice(1, -1)
  const markup = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' } as const
  const forms = [
    value,
    // Base64 of a text that holds the value somewhere inside shows it in one of three alignments.
    ...[0, 1, 2].map((shift) => bytes.subarray(Math.min(shift, bytes.length - 1)).toString('base64')),
    quoted,
    encodeURIComponent(value),
    value.replace(/[&<>"']/g, (character) => markup[character as keyof typeof markup]),
    value.replace(/^"(.*)"$/s, '$1'),
    value.replaceAll("'", "''"),
  ]
  return [...new Set(forms)].filter((form) => form !== '')
}

/** A text as the log shows it: every form of every value replaced, and what overlaps or touches replaced together. */
export function applyMasks(text: string, masks: readonly string[]): string {
  const hidden = masks
    .flatMap(maskForms)
    .flatMap((form) => positions(text, form))
    .sort(([a], [b]) => a - b)
  let shown = ''
  let end = -1
  for (const [from, to] of hidden) {
    if (from > end) shown += `${text.slice(Math.max(end, 0), from)}***`
    end = Math.max(end, to)
  }
  return shown + text.slice(Math.max(end, 0))
}

function positions(text: string, form: string): [number, number][] {
  const found: [number, number][] = []
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    found.push([at, at + form.length])
  return found
}
