// A jest reporter that prints the ten slowest test files, before jest's summary.

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
    // Jest's own reports use stderr, too: with --json, stdout holds only the result.
    process.stderr.write(`\nSlowest files:\n${lines.join('\n')}\n`)
  }
}
