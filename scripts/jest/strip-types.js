// The transform of the tests. Node replaces the types with blanks, so that every line and column stays where it is and
// no source map is needed. `tsc` checks the types; `erasableSyntaxOnly` keeps out what cannot be stripped.

import { createHash } from 'node:crypto'
import { stripTypeScriptTypes } from 'node:module'

export default {
  /** @param {string} source */
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
  /** @param {string} source */
  getCacheKey: (source) => createHash('sha256').update(process.version).update(source).digest('hex'),
}
