import type { ControlTarget, Flaw } from '../../plan/flaw.js'
import { sayUnreadManifest } from './unread.js'

const WORDS: { readonly [K in Flaw['kind']]: (flaw: Extract<Flaw, { readonly kind: K }>) => string } = {
  served: ({ status, headersOnly, cache }) =>
    [
      String(status),
      ...(headersOnly ? ['headers without content (a stale entry in a cache of the registry)'] : []),
      ...(cache === undefined ? [] : [`from a cache in front of the registry (${cache}): purge that cache`]),
    ].join(', '),
  redirected: () => 'the registry still knows it, although its storage has no such content',
  'proves-nothing': ({ answered }) => answered,
  'cached-absence': ({ status, cache }) =>
    `the ${status} comes out of a cache in front of the registry (${cache}), so it says nothing about the registry: purge that cache`,
  'foreign-absence': ({ answered, never }) =>
    `its 404 (${answered}) differs from the one for a digest that never existed (${never}): something between this runner and the registry may answer in its place`,

  'no-control': () => 'there is nothing that could serve as a control',
  'control-unanswered': ({ failure }) => `the control got no response: ${failure}`,
  'control-cached': ({ control, cache }) =>
    `the control (${nameOf(control)}) comes out of a cache in front of the registry (${cache}), so it does not show that the registry answers`,
  'control-altered': ({ control }) => `the control (${nameOf(control)}) came with other bytes`,
  'control-refused': ({ control, answered }) =>
    `the control (${nameOf(control)}), which must be there, gets ${answered}`,
  'control-no-list': () => 'the control (tag list) is no tag list',
  'comparison-unanswered': ({ endpoint, failure }) =>
    `the comparison on /${endpoint}/ got no response: ${failure}`,
  'comparison-refused': ({ endpoint, answered, cache }) =>
    `a random digest on /${endpoint}/ gets ${answered}${cache === undefined ? '' : ` out of a cache (${cache})`}, so a 404 there proves nothing`,

  altered: () => 'came with other bytes',
  'headers-only': () => 'came as headers without content',
  'cut-off': () => 'was cut off',
  'other-length': ({ length, expected }) => `has ${length} bytes, not ${expected}`,
  refused: ({ answered }) => `gets ${answered}`,
  unanswered: ({ failure }) => `gets no response: ${failure}`,

  dangled: () => 'dangled before this run: its manifest is unknown',
  removed: () => 'is gone now',
  'never-readable': ({ why }) =>
    `could not be read before this run, and cannot be read now: ${sayUnreadManifest(why)}`,
  unreadable: ({ why }) => `could not be read at the end: ${sayUnreadManifest(why)}`,
  moved: ({ digest }) => `was moved by somebody else to ${digest}, which pulls completely`,
  'lacks-deleted': ({ digest }) => `lacks ${digest}, which this run deleted`,
  unchecked: ({ content }) => `could not be checked: ${content.digest} ${sayFlaw(content.flaw)}`,
  'lacks-read': ({ digests }) =>
    `lacks ${digests.join(', ')}: it was there when this run began, and no DELETE of this run named it`,
  'lacks-unnamed': ({ digests }) =>
    `lacks ${digests.join(', ')}, which this run never named: it was broken before`,
  'pushed-incomplete': ({ digests }) => `was pushed during this run and lacks ${digests.join(', ')}`,
}

/** Puts a flaw into words: a clause that follows the name of what was checked. */
export function sayFlaw(flaw: Flaw): string {
  return (WORDS[flaw.kind] as (flaw: Flaw) => string)(flaw)
}

function nameOf(control: ControlTarget): string {
  return 'digest' in control ? `${control.kind} ${control.digest}` : control.kind
}
