const CONCLUDE = '__tests__/report/conclude.test.ts'

/**
 * Defects of the files of `src/` itself.
 *
 * @type {import('./all.js').Mutant[]}
 */
export const src = [
  {
    rule: 'hand-over',
    what: 'outputs that cannot be set end the run',
    file: 'src/conclude.ts',
    from: '    log.error(`${what} (${why}). ${where}`)\n',
    to: '    throw new Error(`${what} (${why}). ${where}`)\n',
    test: [CONCLUDE, 'tells in one error that the outputs'],
  },
  {
    rule: 'hand-over',
    what: 'the outputs name a report that is nowhere',
    file: 'src/conclude.ts',
    from: "outputsOf(report, path ?? '')",
    to: 'outputsOf(report, path ?? record.path)',
    test: [CONCLUDE, 'tells in one error that there is no report'],
  },
  {
    rule: 'hand-over',
    what: 'a reader of the log that goes away ends the run',
    file: 'src/streams.ts',
    from: "  stdout.on('error', (error: NodeJS.ErrnoException) => {\n",
    to: "  stdout.on('close', (error: NodeJS.ErrnoException) => {\n",
    test: [CONCLUDE, 'may lose standard output'],
  },
  {
    rule: 'time',
    what: 'the clock of a run is the one that somebody may set',
    file: 'src/system.ts',
    from: 'Math.floor(performance.timeOrigin + performance.now())',
    to: 'Date.now()',
    test: ['__tests__/project/system-clock.test.ts'],
  },
]
