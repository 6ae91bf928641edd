import Sequencer from '@jest/test-sequencer'

/** For TypeScript the default import is the whole CommonJS module. Node loads the package's index.mjs instead. */
const Base = /** @type {typeof Sequencer.default} */ (/** @type {unknown} */ (Sequencer))

/** The files to start first. The index of the first matching pattern is the rank of a file. */
const LONG = [/text-path/, /fuzz\/bundle/, /sweep/, /shared-cache/, /replicas/, /\/e2e\//, /generated/]

/**
 * Sorts the test files. Jest starts with the files that took longest in the last run. Without a last run, it would start
 * with the largest files, and the slowest ones would run alone at the end.
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
