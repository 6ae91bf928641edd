import Sequencer from '@jest/test-sequencer'

/** For TypeScript the default import is the whole CommonJS module. Node loads the package's index.mjs instead. */
const Base = /** @type {typeof Sequencer.default} */ (/** @type {unknown} */ (Sequencer))

/** The first that fits says when a file begins. */
const LONG = [/text-path/, /fuzz\/bundle/, /sweep/, /shared-cache/, /replicas/, /\/e2e\//, /generated/]

/**
 * Jest begins with the files that took longest the last time. The first time it would begin with those that have most
 * lines; then the longest ones end alone.
 */
export default class LongFilesFirst extends Base {
  /**
   * @override
   * @param {Parameters<Sequencer.default['sort']>[0]} tests
   */
  async sort(tests) {
    const sorted = await super.sort(tests)
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted
    return sorted.toSorted((a, b) => rank(a.path) - rank(b.path))
  }
}

/** @param {string} path */
function rank(path) {
  const at = LONG.findIndex((pattern) => pattern.test(path))
  return at === -1 ? LONG.length : at
}
