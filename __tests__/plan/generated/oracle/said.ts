import type { Reason } from './reasons.js'

/** How a refusal for each reason reads. */
const SAID: Readonly<Record<Reason, RegExp>> = {
  'tag unknown': /does not exist\.|the label dangles/,
  'tag unreadable': /cannot be worked with/,
  'tag elsewhere': /points at sha\d+:\w+, not at/,
  'tag not listed': /tag list lacks it/,
  'unknown kind': /of a kind that this action does not know|neither a manifest's nor a blob's/,
  'gone already': /is gone already/,
  'content unreadable': /which belongs to what was named, cannot be read/,
  'manifest named as blob': /is a manifest, not a blob/,
  'remaining unreadable':
    /stays, but|belongs to the image by its name, and cannot be read|is in protected-tags, but its manifest|needs the manifest sha\d+:\w+, which cannot be read|, which stays, cannot be told/,
  alias: /also served under other tags/,
  'named and needed': /was named, but a remaining tag needs it/,
  referrer: /refers to sha\d+:\w+, which was to go|, which was to go, cannot be told/,
  twins: /what it is by sha256 could not be read/,
  shared: /shared-blobs is/,
  deletion: /deletion of (manifests|blobs)|removal of tags/,
}

/** @returns for which reasons a plan was refused, sorted, and the refusals that are none of them */
export function reasonsIn(refusals: readonly string[]): { reasons: Reason[]; strange: string[] } {
  const reasons = Object.entries(SAID) as [Reason, RegExp][]
  return {
    reasons: reasons
      .filter(([, said]) => refusals.some((each) => said.test(each)))
      .map(([reason]) => reason)
      .sort(),
    strange: refusals.filter((each) => !reasons.some(([, said]) => said.test(each))),
  }
}

/** @returns the lines for `image` that a refusal for aliases lists */
export function aliasLines(refusals: readonly string[]): string[] {
  return refusals
    .filter((each) => SAID.alias.test(each))
    .flatMap((each) => each.split('\n'))
    .filter((line) => /^ +\S+$/.test(line))
    .map((line) => line.trim())
}
