// A reporter of jest's: the ten test files that took longest, after all other output but the summary's.

const SHOWN = 10

export default class SlowestFiles {
  /**
   * @param {unknown} _contexts
   * @param {{ testResults: { testFilePath: string, perfStats: { runtime: number } }[] }} results
   */
  onRunComplete(_contexts, { testResults }) {
    if (testResults.length <= SHOWN) return
    const slowest = testResults.toSorted((a, b) => b.perfStats.runtime - a.perfStats.runtime).slice(0, SHOWN)
    const lines = slowest.map(({ testFilePath, perfStats }) => {
      const seconds = (perfStats.runtime / 1000).toFixed(1)
      return `  ${seconds.padStart(6)} s  ${testFilePath.replace(`${process.cwd()}/`, '')}`
    })
    // The stream of jest's own reports: with --json the other one holds nothing but the result.
    process.stderr.write(`\nSlowest files:\n${lines.join('\n')}\n`)
  }
}
