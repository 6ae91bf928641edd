// The transform of the tests. Node replaces the types with blanks, so that lines and columns are unchanged and no source map
// is needed. `tsc` checks the types, and `erasableSyntaxOnly` forbids syntax that cannot be stripped.

import { createHash } from 'node:crypto'
import { stripTypeScriptTypes } from 'node:module'

export default {
  /** @param {string} source */
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
  /** @param {string} source */
  getCacheKey: (source) => createHash('sha256').update(process.version).update(source).digest('hex'),
}
