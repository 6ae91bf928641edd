import type { MemoryOptions } from './options.js'

/** The switches that belong to a dialect, where it is more than a difference in a few answers. */
export const PRESETS: Readonly<Partial<Record<string, MemoryOptions>>> = {
  olareg: {
    errorType: 'text/plain; charset=utf-8',
    unknownIsEmpty: true,
    unquotedLinks: true,
    noCatalog: true,
    referrers: true,
    sha512Manifests: 'own',
  },
}
