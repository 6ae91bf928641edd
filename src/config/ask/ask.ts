import type { InputReader } from '../reader.js'
import type { Ask } from '../settings.js'
import { readCleanup } from './cleanup.js'
import { readNamed, type NamedContent } from './named.js'

/**
 * Decides whether the run is an incident or a cleanup, and reads the inputs of that kind.
 *
 * @param registry the origin in `registry`, if it is given and valid
 * @param now milliseconds since the epoch
 */
export function readAsk(
  reader: InputReader,
  registry: string | undefined,
  now: number,
): NamedContent & { readonly ask: Ask } {
  const before = reader.problems.length
  const content = readNamed(reader, registry)
  const lacksRegistry =
    content.origin === undefined && reader.text('registry') === '' && reader.problems.length === before
  const cleanup = readCleanup(reader, now)
  if (cleanup === undefined && reader.list('image').length === 0 && reader.list('blobs').length === 0)
    reader.addProblem(
      'image',
      'nothing is named. Say what leaked in `image` (`repository:tag` or `repository@sha256:…`) or `blobs`; or, for a cleanup, select by `repositories` and `tags`',
    )
  if (lacksRegistry)
    reader.addProblem(
      'registry',
      cleanup === undefined
        ? 'it is not given, and no entry of `image` begins with a host'
        : 'it is not given. A cleanup needs it: `https://host[:port]`',
    )
  return { ...content, ask: cleanup ?? { is: 'incident', named: content.named } }
}
